namespace Beffroi.Agent.Tests;

/// <summary>A folder of one test, gone at its end.</summary>
internal sealed class TemporaryFolder : IDisposable
{
    internal string FullPath { get; } = Directory.CreateTempSubdirectory("beffroi-state-").FullName;

    internal string File(string name) => Path.Combine(FullPath, name);

    public void Dispose() => Directory.Delete(FullPath, recursive: true);
}
