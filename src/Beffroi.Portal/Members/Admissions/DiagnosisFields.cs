using System.Globalization;
using Beffroi.Business.Members;
using Beffroi.Business.Members.Diagnoses;

namespace Beffroi.Portal.Members.Admissions;

/// <summary>A diagnosis as a form sends it; lists have one entry a line.</summary>
public sealed class DiagnosisFields
{
    private const decimal GigabyteBytes = 1_000_000_000;
    private const decimal GigabytesMax = 1_000_000; // A petabyte: more is a slip of the pen.

    public string? FixedCount { get; set; }
    public string? LaptopCount { get; set; }
    public string? ServerCount { get; set; }
    public string? VolumeBytes { get; set; }
    public string? Applications { get; set; }
    public string? Databases { get; set; }
    public string? ExistingServices { get; set; }
    public bool IsComplex { get; set; }

    internal static DiagnosisFields Of(DiagnosisForm form) => new()
    {
        FixedCount = FieldText.Of(form.FixedCount),
        LaptopCount = FieldText.Of(form.LaptopCount),
        ServerCount = FieldText.Of(form.ServerCount),
        VolumeBytes = (form.VolumeBytes / GigabyteBytes).ToString("0.###", CultureInfo.InvariantCulture),
        Applications = string.Join('\n', form.Applications),
        Databases = string.Join('\n', form.Databases),
        ExistingServices = string.Join('\n', form.ExistingServices),
        IsComplex = form.IsComplex,
    };

    internal DiagnosisForm ToForm(FieldText reading) => new()
    {
        FixedCount = Count(reading, nameof(FixedCount), FixedCount),
        LaptopCount = Count(reading, nameof(LaptopCount), LaptopCount),
        ServerCount = Count(reading, nameof(ServerCount), ServerCount),
        VolumeBytes = Volume(reading),
        Applications = Lines(Applications),
        Databases = Lines(Databases),
        ExistingServices = Lines(ExistingServices),
        IsComplex = IsComplex,
    };

    private long Volume(FieldText reading)
    {
        var gigabytes = reading.Decimal(nameof(VolumeBytes), VolumeBytes) ?? 0;
        if (gigabytes is >= 0 and <= GigabytesMax) return (long)(gigabytes * GigabyteBytes);

        reading.Add(nameof(VolumeBytes), FieldError.OutOfRange);
        return 0;
    }

    private static int Count(FieldText reading, string field, string? text)
    {
        var count = reading.Whole(field, text) ?? 0;
        if (count is < 0 or > DiagnosisForm.DevicesMax) reading.Add(field, FieldError.OutOfRange);
        return count;
    }

    private static string[] Lines(string? text) =>
        (text ?? "").Split('\n', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);
}
