namespace Beffroi.Business.Members.Diagnoses;

/// <summary>What a first diagnosis asks (ME08, ME14–ME16, ME21).</summary>
public sealed record DiagnosisForm
{
    public const int DevicesMax = 10_000;
    public const int ListEntriesMax = 100;

    public required int FixedCount { get; init; }
    public required int LaptopCount { get; init; }
    public required int ServerCount { get; init; }

    /// <summary>What is to be backed up, in bytes.</summary>
    public required long VolumeBytes { get; init; }

    /// <summary>Business applications in use, by name.</summary>
    public IReadOnlyList<string> Applications { get; init; } = [];

    /// <summary>Databases to be dumped, by engine and name.</summary>
    public IReadOnlyList<string> Databases { get; init; } = [];

    /// <summary>Services that are there already, such as another backup.</summary>
    public IReadOnlyList<string> ExistingServices { get; init; } = [];

    /// <summary>The technician's own judgement that no level fits as it is.</summary>
    public bool IsComplex { get; init; }
}
