using Beffroi.Fleet.Devices;
using Beffroi.Identity;
using Beffroi.Identity.Database;
using Beffroi.Vault;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace Beffroi.Fleet.Runs;

/// <summary>A backup as its device reported it. Kept for ever: the watch and the yearly report read it.</summary>
internal sealed class Run : ITenantOwned
{
    /// <summary>Chosen by the device: a report that is sent twice counts once.</summary>
    public required Guid Id { get; init; }

    public required DeviceId DeviceId { get; init; }
    public required MemberId MemberId { get; init; }
    public required RunTrigger Trigger { get; init; }
    public required RunClass? Class { get; init; }
    public required RunOutcome Outcome { get; init; }
    public required long PlanRevision { get; init; }
    public required Guid? OrderId { get; init; }
    public required string AgentVersion { get; init; }
    public required DateTimeOffset StartedAt { get; init; }
    public required DateTimeOffset EndedAt { get; init; }
    public required DateTimeOffset ReceivedAt { get; init; }
    public required SnapshotId? SnapshotId { get; init; }
    public required string? Code { get; init; }
    public required string? Message { get; init; }
    public required long Files { get; init; }
    public required long Directories { get; init; }
    public required long LogicalBytes { get; init; }
    public required long ReadBytes { get; init; }
    public required long NewBytes { get; init; }
    public required long SentBytes { get; init; }
    public required long UnchangedFiles { get; init; }
    public required long Unreadable { get; init; }

    /// <summary>A <see cref="RunLogContent"/>: what only one run's page shows.</summary>
    public required string Log { get; init; }

    internal RunSummary ToSummary() => new(
        Id, DeviceId, MemberId, Trigger, Class, Outcome, StartedAt, EndedAt, ReceivedAt, SnapshotId, Code, Files,
        LogicalBytes, NewBytes, Unreadable);

    internal RunDetail ToDetail()
    {
        var log = RunLogJson.Read(Log);
        return new RunDetail(
            ToSummary(), PlanRevision, OrderId, AgentVersion, Message,
            new RunNumbers(Directories, ReadBytes, SentBytes, UnchangedFiles), log.Unreadable, log.Warnings,
            log.Refused, log.Traces);
    }
}

internal sealed class RunMap : IEntityTypeConfiguration<Run>
{
    public void Configure(EntityTypeBuilder<Run> builder)
    {
        builder.ToTable("runs");
        builder.HasKey(row => row.Id).HasName("runs_pkey");
        MapColumns(builder);
        MapNumbers(builder);

        // 'Latest of each device' and 'the last 30 days of one device'; the watch reads no more than these.
        builder.HasIndex(row => new { row.DeviceId, row.StartedAt }).HasDatabaseName("runs_device_id_started_at_idx");
        builder.HasIndex(row => new { row.MemberId, row.StartedAt }).HasDatabaseName("runs_member_id_started_at_idx");
        builder.HasIndex(row => row.StartedAt).HasDatabaseName("runs_started_at_idx"); // The board of all members.
        builder.HasOne<Device>().WithMany().HasForeignKey(row => row.DeviceId)
            .OnDelete(DeleteBehavior.Restrict).HasConstraintName("runs_device_id_fkey");
    }

    private static void MapColumns(EntityTypeBuilder<Run> builder)
    {
        builder.Property(row => row.Id).HasColumnName("id");
        builder.Property(row => row.DeviceId).HasColumnName("device_id");
        builder.Property(row => row.MemberId).HasColumnName("member_id");
        builder.Property(row => row.Trigger).HasColumnName("trigger")
            .HasConversion(value => RunText.Of(value), text => RunText.Trigger(text));
        builder.Property(row => row.Class).HasColumnName("class").HasConversion(
            value => value == null ? null : RunText.Of(value.Value),
            text => text == null ? null : RunText.Class(text));
        builder.Property(row => row.Outcome).HasColumnName("outcome")
            .HasConversion(value => RunText.Of(value), text => RunText.Outcome(text));
        builder.Property(row => row.PlanRevision).HasColumnName("plan_revision");
        builder.Property(row => row.OrderId).HasColumnName("order_id");
        builder.Property(row => row.AgentVersion).HasColumnName("agent_version");
        builder.Property(row => row.StartedAt).HasColumnName("started_at");
        builder.Property(row => row.EndedAt).HasColumnName("ended_at");
        builder.Property(row => row.ReceivedAt).HasColumnName("received_at");
        builder.Property(row => row.SnapshotId).HasColumnName("snapshot_id");
        builder.Property(row => row.Code).HasColumnName("code");
        builder.Property(row => row.Message).HasColumnName("message");
        builder.Property(row => row.Log).HasColumnName("log").HasColumnType("jsonb");
    }

    private static void MapNumbers(EntityTypeBuilder<Run> builder)
    {
        builder.Property(row => row.Files).HasColumnName("files");
        builder.Property(row => row.Directories).HasColumnName("directories");
        builder.Property(row => row.LogicalBytes).HasColumnName("logical_bytes");
        builder.Property(row => row.ReadBytes).HasColumnName("read_bytes");
        builder.Property(row => row.NewBytes).HasColumnName("new_bytes");
        builder.Property(row => row.SentBytes).HasColumnName("sent_bytes");
        builder.Property(row => row.UnchangedFiles).HasColumnName("unchanged_files");
        builder.Property(row => row.Unreadable).HasColumnName("unreadable");
    }
}
