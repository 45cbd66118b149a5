using Beffroi.Vault.Stores.Disk;
using Microsoft.Win32.SafeHandles;

namespace Beffroi.Vault.Tests.Stores;

/// <summary>The real file system, which writes down what it is asked and can fail instead. Temporary names show as
/// <c>tmp</c>, paths relative to <paramref name="root"/>.</summary>
internal sealed class RecordingDurability(string root) : IDurability
{
    private readonly SystemDurability _real = new();

    internal List<string> Calls { get; } = [];

    /// <summary>What to throw in place of a call, if anything; called with the line that the call is recorded
    /// as.</summary>
    internal Func<string, Exception?> Fault { get; set; } = _ => null;

    /// <summary>What the file system is said to have left.</summary>
    internal long FreeBytes { get; set; } = long.MaxValue;

    public void CreateFolder(string path)
    {
        Record($"create {Relative(path)}");
        _real.CreateFolder(path);
    }

    public void FlushFile(SafeFileHandle file)
    {
        Record("flush file");
        _real.FlushFile(file);
    }

    public void FlushFolder(string path)
    {
        Record($"flush {Relative(path)}");
        _real.FlushFolder(path);
    }

    public bool TryPublish(string temporary, string target)
    {
        Assert.Equal(Path.GetDirectoryName(target), Path.GetDirectoryName(temporary));
        Record($"publish {Relative(target)}");
        return _real.TryPublish(temporary, target);
    }

    public void Replace(string temporary, string target)
    {
        Record($"replace {Relative(target)}");
        _real.Replace(temporary, target);
    }

    public long GetFreeBytes(string folder) => FreeBytes;

    private void Record(string call)
    {
        lock (Calls) Calls.Add(call);
        if (Fault(call) is { } exception) throw exception;
    }

    private string Relative(string path) => Path.GetRelativePath(root, path);
}
