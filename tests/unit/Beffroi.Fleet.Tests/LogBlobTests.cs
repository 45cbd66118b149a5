using Beffroi.Fleet.MemberLog;
using Beffroi.Testing;
using Beffroi.Vault;
using Beffroi.Vault.Crypto;

namespace Beffroi.Fleet.Tests;

public sealed class LogBlobTests
{
    private static readonly LogVector s_vector = LogVector.Read();

    private readonly VaultId _vault = VaultId.New();

    [Fact]
    public void The_log_of_the_vector_is_read()
    {
        var entries = ReadFirst(s_vector.Entries.Count).Entries;
        Assert.Equal(
            [
                typeof(VaultCreated), typeof(DeviceEnrolled), typeof(QuotaSet), typeof(RootKeyOpened),
                typeof(DeviceRevoked),
            ],
            entries.Select(entry => entry.GetType()));
    }

    [Fact]
    public void Entries_that_must_be_refused_are()
    {
        foreach (var refused in s_vector.Refused)
        {
            var (_, position) = ReadFirst(refused.Number - 1);
            var failure = Record.Exception(() => Read(refused.Blob, position));
            Assert.True(failure is VaultException { Code: ErrorCode.LogBroken }, $"{refused.Why}: {failure}");
        }
    }

    private (List<LogEntry> Entries, LogPosition Position) ReadFirst(int count)
    {
        var (entries, position) = (new List<LogEntry>(), LogPosition.Start);
        foreach (var blob in s_vector.Entries.Take(count))
        {
            entries.Add(Read(blob, position));
            position = LogPosition.After(entries[^1], blob);
        }
        return (entries, position);
    }

    private LogEntry Read(byte[] blob, LogPosition position) => LogBlob.Read(
        blob, position, VerifyingKey.Import(s_vector.ServerPoint), BlobNames.LogEntry(_vault, position.Height + 1));
}
