namespace Beffroi.Demonstration;

/// <summary>Makes the month for './run', before the server starts.</summary>
internal static class EntryPoint
{
    /// <param name="arguments">The server's data folder, a folder for the computers, the people's password, and the
    /// file that the members are written to: id, kit and name on a line each, parted by tabs.</param>
    private static async Task<int> Main(string[] arguments)
    {
        if (arguments is not [var data, var computers, var password, var members])
        {
            await Console.Error.WriteLineAsync("Usage: Beffroi.Demonstration DATA COMPUTERS PASSWORD MEMBERS");
            return 2;
        }
        var made = await Month.MakeAsync(data, computers, password, TimeProvider.System.GetUtcNow());
        await File.WriteAllLinesAsync(members, made.Select(member => $"{member.Id}\t{member.Kit}\t{member.Name}"));
        return 0;
    }
}
