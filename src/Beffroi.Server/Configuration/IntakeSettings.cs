using System.Globalization;
using Beffroi.Intake;

namespace Beffroi.Server.Configuration;

/// <summary>The intake's bounds as an operator writes them, each in the unit of its name. What is not set is as
/// <see cref="IntakeOptions"/> has it.</summary>
internal sealed class IntakeSettings
{
    private static readonly IntakeOptions Usual = new();

    /// <summary>Memory for packs that are being checked and stored at once, in MiB.</summary>
    public long UploadMemoryMebibytes { get; set; } = Usual.UploadBytesMax >> 20;

    /// <summary>Disk for packs that are coming in at once, in MiB.</summary>
    public long UploadDiskMebibytes { get; set; } = Usual.UploadDiskBytesMax >> 20;

    /// <summary>Memory for records that are being sent, in MiB.</summary>
    public long ReadMemoryMebibytes { get; set; } = Usual.ReadBytesMax >> 20;

    public long UploadWaitSeconds { get; set; } = (long)Usual.UploadWait.TotalSeconds;
    public long SessionMinutes { get; set; } = (long)Usual.SessionLifetime.TotalMinutes;
    public long FailuresPerAddressMax { get; set; } = Usual.FailuresPerAddressMax;
    public long FailureWindowMinutes { get; set; } = (long)Usual.FailureWindow.TotalMinutes;
    public long HaveQuestionsPerMinuteMax { get; set; } = Usual.HaveQuestionsPerMinuteMax;
    public long PlanMessagesPerMinuteMax { get; set; } = Usual.PlanMessagesPerMinuteMax;
    public long CheckInSeconds { get; set; } = (long)Usual.CheckInPeriod.TotalSeconds;
    public long RootKeysPerHourMax { get; set; } = Usual.RootKeysPerHourMax;
    public bool RestoreNeedsApproval { get; set; } = Usual.IsRestoreApprovalRequired;

    /// <summary>The bounds; they have been checked.</summary>
    internal IntakeOptions ToOptions() => new()
    {
        UploadBytesMax = UploadMemoryMebibytes << 20,
        UploadDiskBytesMax = UploadDiskMebibytes << 20,
        ReadBytesMax = ReadMemoryMebibytes << 20,
        UploadWait = TimeSpan.FromSeconds(UploadWaitSeconds),
        SessionLifetime = TimeSpan.FromMinutes(SessionMinutes),
        FailuresPerAddressMax = (int)FailuresPerAddressMax,
        FailureWindow = TimeSpan.FromMinutes(FailureWindowMinutes),
        HaveQuestionsPerMinuteMax = (int)HaveQuestionsPerMinuteMax,
        PlanMessagesPerMinuteMax = (int)PlanMessagesPerMinuteMax,
        CheckInPeriod = TimeSpan.FromSeconds(CheckInSeconds),
        RootKeysPerHourMax = (int)RootKeysPerHourMax,
        IsRestoreApprovalRequired = RestoreNeedsApproval,
    };

    /// <summary>What is wrong with them, in sentences.</summary>
    internal IEnumerable<string> Problems() => new (string Key, long Value, long Min, long Max)[]
    {
        // A data pack has up to 32 MiB: with less memory it could never come in.
        (nameof(UploadMemoryMebibytes), UploadMemoryMebibytes, 32, 65_536),
        (nameof(UploadDiskMebibytes), UploadDiskMebibytes, 32, 1 << 20),
        (nameof(ReadMemoryMebibytes), ReadMemoryMebibytes, 32, 65_536),
        // An agent takes a connection on which nothing moves for 60 s for dead.
        (nameof(UploadWaitSeconds), UploadWaitSeconds, 1, 50),
        (nameof(SessionMinutes), SessionMinutes, 5, 1440),
        (nameof(FailuresPerAddressMax), FailuresPerAddressMax, 1, 1_000_000),
        (nameof(FailureWindowMinutes), FailureWindowMinutes, 1, 1440),
        (nameof(HaveQuestionsPerMinuteMax), HaveQuestionsPerMinuteMax, 10, 1_000_000),
        // A device that works sends its progress every 5 s, beside its check-ins.
        (nameof(PlanMessagesPerMinuteMax), PlanMessagesPerMinuteMax, 30, 10_000),
        // Beyond an hour, the watch would take a device that is well for one that is silent.
        (nameof(CheckInSeconds), CheckInSeconds, 5, 3600),
        (nameof(RootKeysPerHourMax), RootKeysPerHourMax, 1, 10_000),
    }
    .Where(each => each.Value < each.Min || each.Value > each.Max)
    .Select(each => string.Create(
        CultureInfo.InvariantCulture,
        $"Intake:{each.Key}: {each.Value} is not from {each.Min} to {each.Max}."));
}
