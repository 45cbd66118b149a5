namespace Beffroi.Server.Database;

/// <summary>A file that says that the holder of the database's lock is a server with its schema in order.</summary>
/// <remarks>A killed server leaves it behind. Then the lock is free, and its next holder takes the mark away first of
/// all.</remarks>
internal static class ServedMark
{
    internal static void Set(string runFolder) => File.WriteAllText(FileIn(runFolder), "");

    internal static void Clear(string runFolder) => File.Delete(FileIn(runFolder));

    internal static bool IsSet(string runFolder) => File.Exists(FileIn(runFolder));

    private static string FileIn(string runFolder) => Path.Combine(runFolder, "served");
}
