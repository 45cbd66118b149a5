using System.Globalization;
using Beffroi.Identity.Journal;
using Beffroi.Vault;
using Beffroi.Vault.Stores.Disk;

namespace Beffroi.Server.Journal;

/// <summary>The journal's mark in the data folder: number and hash of its newest entry, in one line.</summary>
internal sealed class JournalMarkFile(string path) : IJournalMark
{
    private readonly Lock _turn = new(); // The file has one writer at a time.

    public JournalHead? Read()
    {
        string text;
        try
        {
            text = File.ReadAllText(path);
        }
        catch (FileNotFoundException)
        {
            return null;
        }
        catch (UnauthorizedAccessException exception)
        {
            throw new IOException($"'{path}' cannot be read: {exception.Message}", exception);
        }
        return text.TrimEnd('\n').Split(' ') is [var number, var hash]
            && long.TryParse(number, NumberStyles.None, CultureInfo.InvariantCulture, out var parsed)
            && Digest256.TryParse(hash, out _)
                ? new JournalHead(parsed, hash)
                : throw new VaultException(
                    ErrorCode.UsageInvalid, retryable: false,
                    $"'{path}' does not hold the number and the hash of an entry: somebody wrote into it. Find out "
                        + "who; then 'beffroi-server admin journal --accept' writes it anew.");
    }

    public void Write(JournalHead head)
    {
        lock (_turn)
        {
            DurableFile.Replace(
                path, System.Text.Encoding.ASCII.GetBytes(
                    string.Create(CultureInfo.InvariantCulture, $"{head.Number} {head.Hash}\n")));
        }
    }
}
