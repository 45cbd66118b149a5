using Beffroi.Vault.Buffers;

namespace Beffroi.Vault.Tests.Buffers;

public sealed class BufferPoolTests
{
    [Fact]
    public async Task Who_waits_for_room_is_woken_by_a_buffer_that_comes_back_at_that_moment()
    {
        // The two meet in a few instructions, so it is tried often: without the order in WaitForRoomAsync some round
        // ended in a wait that nothing would have ended.
        const int rounds = 30_000;
        var pool = new BufferPool(lentBytesMax: 1);
        var (lent, turn) = (pool.Rent(1), 0);
        var returning = Task.Run(() =>
        {
            for (var round = 1; round <= rounds; round++)
            {
                while (Volatile.Read(ref turn) != round) Thread.SpinWait(1);
                Thread.SpinWait(round % 60);
                pool.Return(lent);
            }
        });
        for (var round = 1; round <= rounds; round++)
        {
            Volatile.Write(ref turn, round);
            await pool.WaitForRoomAsync(CancellationToken.None).AsTask().WaitAsync(TimeSpan.FromSeconds(30));
            lent = pool.Rent(1);
        }
        await returning;
    }
}
