using Beffroi.Fleet.Devices;
using Beffroi.Identity;
using Beffroi.Identity.Database;
using Beffroi.Vault;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace Beffroi.Fleet.Presence;

/// <summary>What a device's daemon last said. One row for each device that ever checked in.</summary>
internal sealed class PresenceRow : ITenantOwned
{
    public required DeviceId DeviceId { get; init; }
    public required MemberId MemberId { get; init; }
    public DateTimeOffset At { get; set; }
    public string AgentVersion { get; set; } = "";
    public string Platform { get; set; } = "";
    public string System { get; set; } = "";
    public string HostName { get; set; } = "";
    public double ClockAheadSeconds { get; set; }
    public string Power { get; set; } = "";
    public int? BatteryPercent { get; set; }
    public string Network { get; set; } = "";
    public long PlanRevision { get; set; }

    /// <summary>When it first said that it has this revision.</summary>
    public DateTimeOffset? PlanKnownAt { get; set; }

    public DateTimeOffset? NextRunAt { get; set; }
    public string? WaitsFor { get; set; }
    public int UnsentRuns { get; set; }

    /// <summary>A <see cref="RunningWork"/>.</summary>
    public string? Running { get; set; }

    public DateTimeOffset? DuplicateSince { get; set; }
    public string[] DuplicateHostNames { get; set; } = [];

    internal DevicePresence ToPresence() => new(
        DeviceId, MemberId, At, AgentVersion, Platform, System, HostName, TimeSpan.FromSeconds(ClockAheadSeconds),
        Power switch { "mains" => PowerSource.Mains, "battery" => PowerSource.Battery, _ => PowerSource.Unknown },
        BatteryPercent,
        Network switch { "free" => LinkCost.Free, "metered" => LinkCost.Metered, _ => LinkCost.Unknown },
        PlanRevision, NextRunAt, WaitsFor, UnsentRuns, Running is { } json ? PresenceJson.Read(json) : null,
        DuplicateSince is { } since ? new DuplicateDevice(since, DuplicateHostNames) : null);
}

internal sealed class PresenceRowMap : IEntityTypeConfiguration<PresenceRow>
{
    public void Configure(EntityTypeBuilder<PresenceRow> builder)
    {
        builder.ToTable("presences");
        builder.HasKey(row => row.DeviceId).HasName("presences_pkey");
        builder.Property(row => row.DeviceId).HasColumnName("device_id");
        builder.Property(row => row.MemberId).HasColumnName("member_id");
        builder.Property(row => row.At).HasColumnName("at");
        builder.Property(row => row.AgentVersion).HasColumnName("agent_version");
        builder.Property(row => row.Platform).HasColumnName("platform");
        builder.Property(row => row.System).HasColumnName("system");
        builder.Property(row => row.HostName).HasColumnName("host_name");
        builder.Property(row => row.ClockAheadSeconds).HasColumnName("clock_ahead_seconds");
        builder.Property(row => row.Power).HasColumnName("power");
        builder.Property(row => row.BatteryPercent).HasColumnName("battery_percent");
        builder.Property(row => row.Network).HasColumnName("network");
        builder.Property(row => row.PlanRevision).HasColumnName("plan_revision");
        builder.Property(row => row.PlanKnownAt).HasColumnName("plan_known_at");
        builder.Property(row => row.NextRunAt).HasColumnName("next_run_at");
        builder.Property(row => row.WaitsFor).HasColumnName("waits_for");
        builder.Property(row => row.UnsentRuns).HasColumnName("unsent_runs");
        builder.Property(row => row.Running).HasColumnName("running").HasColumnType("jsonb");
        builder.Property(row => row.DuplicateSince).HasColumnName("duplicate_since");
        builder.Property(row => row.DuplicateHostNames).HasColumnName("duplicate_host_names");
        builder.HasIndex(row => row.MemberId).HasDatabaseName("presences_member_id_idx");
        builder.HasOne<Device>().WithMany().HasForeignKey(row => row.DeviceId)
            .OnDelete(DeleteBehavior.Restrict).HasConstraintName("presences_device_id_fkey");
    }
}
