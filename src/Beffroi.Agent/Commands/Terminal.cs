using System.Buffers;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using Beffroi.Agent.Configuration;
using Beffroi.Vault.Catalogue;

namespace Beffroi.Agent.Commands;

/// <summary>Where a command writes: results to standard output, everything else to standard error. Any
/// thread.</summary>
/// <param name="output">Standard output.</param>
/// <param name="error">Standard error.</param>
/// <param name="isInteractive">Whether a person watches standard error, so that a line may be rewritten.</param>
/// <param name="width">Columns of the screen.</param>
/// <param name="input">Opens standard input; none for a service.</param>
internal sealed class Terminal(
    TextWriter output, TextWriter error, bool isInteractive, int width, Func<TextReader>? input = null)
{
    // Names with accents as they are: this is for logs and terminals, not for web pages.
    private static readonly JsonWriterOptions s_readable = new()
    {
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
    };

    private const long ServiceLogBytesMax = 1 << 20;

    private readonly Lock _gate = new();
    private bool _hasStatus;

    /// <summary>Whether a status line is shown at all.</summary>
    internal bool IsInteractive => isInteractive;

    /// <summary>The terminal of this process.</summary>
    internal static Terminal OfProcess()
    {
        var isInteractive = !Console.IsErrorRedirected;
        var columns = isInteractive && Console.WindowWidth > 0 ? Console.WindowWidth : 80;
        if (!OperatingSystem.IsWindows())
            return new Terminal(Console.Out, Console.Error, isInteractive, columns, () => Console.In);
        // The code page of a Windows console holds few names. UTF-16 shows all and leaves the code page as it is.
        Console.OutputEncoding = Encoding.Unicode;
        return new Terminal(
            Console.IsOutputRedirected ? Utf8(Console.OpenStandardOutput()) : Console.Out,
            isInteractive ? Console.Error : Utf8(Console.OpenStandardError()), isInteractive, columns,
            () => Console.In);

        static StreamWriter Utf8(Stream stream) => new(stream, new UTF8Encoding(false)) { AutoFlush = true };
    }

    /// <summary>A file, for a service that has no terminal; the one of the last starts is kept beside it when it has
    /// grown.</summary>
    /// <exception cref="Vault.VaultException"><see cref="Vault.ErrorCode.HomeUnwritable"/>.</exception>
    internal static Terminal OfService(AgentHome home)
    {
        home.CreateFolders();
        StreamWriter? writer = null;
        AgentHome.Write(home.ServiceLogFile, path =>
        {
            if (new FileInfo(path) is { Exists: true, Length: > ServiceLogBytesMax })
                File.Move(path, path + ".old", overwrite: true);
            var file = new FileStream(path, FileMode.Append, FileAccess.Write, FileShare.ReadWrite | FileShare.Delete);
            writer = new StreamWriter(file, new UTF8Encoding(false)) { AutoFlush = true };
        });
        return new Terminal(writer!, writer!, isInteractive: false, width: 80); // Write throws, or the file is open.
    }

    /// <summary>A line of the result.</summary>
    internal void WriteLine(string line = "")
    {
        lock (_gate)
        {
            ClearStatus();
            output.WriteLine(line);
        }
    }

    /// <summary>One JSON object on a line of its own.</summary>
    internal void WriteJson<T>(T value, JsonTypeInfo<T> type)
    {
        var bytes = new ArrayBufferWriter<byte>();
        using (var writer = new Utf8JsonWriter(bytes, s_readable)) JsonSerializer.Serialize(writer, value, type);
        WriteLine(Encoding.UTF8.GetString(bytes.WrittenSpan));
    }

    /// <summary>A line that is not the result: a warning, a failure, what happens next.</summary>
    internal void Note(string line)
    {
        lock (_gate)
        {
            ClearStatus();
            error.WriteLine(Clean(line));
        }
    }

    /// <summary>Asks for a line that no argument should hold, since every account may list those.</summary>
    /// <param name="question">For a person; a program that pipes the answer in does not mind it.</param>
    /// <returns>The answer; null when there is none.</returns>
    internal async Task<string?> AskAsync(string question, CancellationToken cancellationToken)
    {
        if (input is null) return null;
        Note(question);
        // The console's own reading cannot be stopped: Ctrl+C must not wait for it.
        var line = await Task.Run(() => input().ReadLine(), cancellationToken).WaitAsync(cancellationToken);
        return line?.Trim('\uFEFF', ' ', '\t', '\r'); // Some versions of PowerShell begin a pipe with a mark.
    }

    /// <summary>The line that shows how far the work is; the next one takes its place.</summary>
    internal void ShowStatus(string line)
    {
        if (!isInteractive) return;
        lock (_gate)
        {
            error.Write('\r');
            error.Write(line.Length >= width ? line[..(width - 1)] : line.PadRight(width - 1));
            _hasStatus = true;
        }
    }

    /// <summary>Removes the status line.</summary>
    internal void EndStatus()
    {
        lock (_gate) ClearStatus();
    }

    /// <summary>A path as a person reads it: control characters, which a file name may hold, cannot reach the
    /// screen.</summary>
    internal static string Show(EntryPath path) => Show(path.Bytes.Span, separator: '/');

    /// <summary>Bytes of a name as a person reads them.</summary>
    internal static string Show(ReadOnlySpan<byte> name, char separator = '/')
    {
        var text = new StringBuilder(name.Length);
        foreach (var rune in Encoding.UTF8.GetString(name).EnumerateRunes())
        {
            if (rune.Value == 0) text.Append(separator);
            else if (Rune.IsControl(rune)) text.Append('\\').Append('x').Append(rune.Value.ToString("x2", null));
            else text.Append(rune.ToString());
        }
        return text.ToString();
    }

    /// <summary>Messages name files, and whoever names a file may write to the screen of whoever backs it up.</summary>
    private static string Clean(string line) =>
        line.Any(char.IsControl) ? Show(Encoding.UTF8.GetBytes(line)) : line;

    private void ClearStatus()
    {
        if (!_hasStatus) return;
        error.Write('\r');
        error.Write(new string(' ', width - 1));
        error.Write('\r');
        _hasStatus = false;
    }
}
