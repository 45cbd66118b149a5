namespace Beffroi.Intake;

/// <summary>Bounds of the intake, and the operator's policy on restores.</summary>
public sealed class IntakeOptions
{
    /// <summary>Memory for packs that are being checked and stored, and half of it for such as come in: six data
    /// packs.</summary>
    public long UploadBytesMax { get; set; } = 192L << 20;

    /// <summary>Disk for packs that are coming in where memory is scarce.</summary>
    public long UploadDiskBytesMax { get; set; } = 4L << 30;

    /// <summary>Folder for packs that are coming in. The server's own disk: a folder in memory would defeat the
    /// purpose.</summary>
    public string UploadFolder { get; set; } = Path.GetTempPath();

    /// <summary>Packs that one device may send at once. An agent sends two; a router that lost their connections
    /// leaves as many behind for a while.</summary>
    public int UploadsPerDeviceMax { get; set; } = 8;

    /// <summary>How long one pack may take to come in: 32 MiB at 4.7 KB/s.</summary>
    public TimeSpan UploadTimeMax { get; set; } = TimeSpan.FromHours(2);

    /// <summary>Memory for records that are being sent: 64 requests that read ahead, and twice as many that do
    /// not.</summary>
    public long ReadBytesMax { get; set; } = 512L << 20;

    /// <summary>Requests for records that one device may have under way; an agent has eight connections.</summary>
    public int ReadsPerDeviceMax { get; set; } = 8;

    /// <summary>How long an upload waits for room or memory before it is sent away for a while.</summary>
    public TimeSpan UploadWait { get; set; } = TimeSpan.FromSeconds(30);

    /// <summary>How long a session token is good for.</summary>
    public TimeSpan SessionLifetime { get; set; } = TimeSpan.FromHours(1);

    /// <summary>Failed enrolments and sessions of one network address within <see cref="FailureWindow"/>.</summary>
    public int FailuresPerAddressMax { get; set; } = 30;

    /// <summary>Over how long failures are counted.</summary>
    public TimeSpan FailureWindow { get; set; } = TimeSpan.FromMinutes(10);

    /// <summary>Questions "have" of one device in a minute; each asks for up to 8,192 records.</summary>
    public int HaveQuestionsPerMinuteMax { get; set; } = 3000;

    /// <summary>Check-ins, reports and progress of one device in a minute; each is a write to the database.</summary>
    public int PlanMessagesPerMinuteMax { get; set; } = 120;

    /// <summary>How often a device at rest is asked to check in. A person waits as long for "back up now"; 2,000
    /// devices are 33 small requests a second.</summary>
    public TimeSpan CheckInPeriod { get; set; } = TimeSpan.FromMinutes(1);

    /// <summary>Different snapshots that one device may open within an hour. More looks like a thief who reads the
    /// history.</summary>
    public int RootKeysPerHourMax { get; set; } = 50;

    /// <summary>Whether a person has to approve each restore by a device.</summary>
    public bool IsRestoreApprovalRequired { get; set; }
}
