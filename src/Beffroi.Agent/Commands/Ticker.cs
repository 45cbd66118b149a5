namespace Beffroi.Agent.Commands;

/// <summary>Calls back at a steady pace while work runs, and once more when it ends.</summary>
internal static class Ticker
{
    internal static async Task<T> WatchAsync<T>(Task<T> work, TimeSpan period, TimeProvider time, Action tick)
    {
        while (!work.IsCompleted)
        {
            await Task.WhenAny(work, Task.Delay(period, time));
            if (!work.IsCompleted) tick();
        }
        return await work;
    }
}
