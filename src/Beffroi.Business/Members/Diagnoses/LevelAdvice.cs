namespace Beffroi.Business.Members.Diagnoses;

/// <summary>What the levels include. Parameters of the operator: the defaults are those of the charter of
/// 2019.</summary>
/// <param name="IncludedGigabytes">Of levels 1, 2 and 3, in 10⁹ bytes (LV04–LV06).</param>
/// <param name="ExtraGigabytePrice">Euros before tax for each started gigabyte and month (LV07).</param>
public sealed record LevelTerms(IReadOnlyList<int> IncludedGigabytes, decimal? ExtraGigabytePrice)
{
    public static LevelTerms Default { get; } = new([15, 25, 40], 2.00m);
}

/// <summary>The level of service that a diagnosis recommends (ME09).</summary>
/// <param name="ExtraGigabytes">Started gigabytes above what the level includes.</param>
/// <param name="ExtraMonthlyPrice">Euros before tax a month for them; none without a price.</param>
/// <param name="NeedsStudy">A personalised study and a quote come first (LV08).</param>
/// <param name="NasSupplied">The order has a NAS (LV10).</param>
/// <param name="DrivePairs">Laptops that share a drive with a fixed computer (LV09).</param>
public sealed record LevelAdvice(
    int Level, int IncludedGigabytes, long ExtraGigabytes, decimal? ExtraMonthlyPrice,
    bool NeedsStudy, bool NasSupplied, int DrivePairs, IReadOnlyList<LevelReason> Reasons)
{
    private const int FixedAtLevel1Max = 2;
    private const int LaptopsAtLevel1Max = 1;
    private const long GigabyteBytes = 1_000_000_000; // Decimal, as the charter's own tables.

    /// <summary>Applies LV01 to LV10. The volume never raises the level: what is above is charged.</summary>
    public static LevelAdvice For(DiagnosisForm form, LevelTerms terms)
    {
        List<LevelReason> reasons = [.. LevelReasons(form)];
        var level = reasons[0].Code switch
        {
            LevelReasonCode.Server => 3,
            LevelReasonCode.FewComputers => 1,
            _ => 2,
        };
        var included = terms.IncludedGigabytes[level - 1];
        var volume = StartedGigabytes(form.VolumeBytes);
        var extra = Math.Max(0, volume - included);
        reasons.Add(new LevelReason(
            extra == 0 ? LevelReasonCode.VolumeIncluded : LevelReasonCode.VolumeExtra, volume, included));
        List<LevelReason> study = [.. StudyReasons(form, volume, terms.IncludedGigabytes.Max())];
        reasons.AddRange(study);

        var pairs = level == 2 ? Math.Min(form.FixedCount, form.LaptopCount) : 0;
        if (pairs > 0) reasons.Add(new LevelReason(LevelReasonCode.DrivePairs, pairs, null));
        if (level == 2) reasons.Add(new LevelReason(LevelReasonCode.NasSupplied, 1, null));
        return new LevelAdvice(
            level, included, extra, extra * terms.ExtraGigabytePrice, study.Count > 0, level == 2, pairs, reasons);
    }

    private static IEnumerable<LevelReason> LevelReasons(DiagnosisForm form)
    {
        if (form.ServerCount > 0)
        {
            yield return new LevelReason(LevelReasonCode.Server, form.ServerCount, 0);
            yield break;
        }
        var isFew = form.FixedCount <= FixedAtLevel1Max && form.LaptopCount <= LaptopsAtLevel1Max;
        if (isFew) yield return new LevelReason(
            LevelReasonCode.FewComputers, form.FixedCount + form.LaptopCount, FixedAtLevel1Max + LaptopsAtLevel1Max);
        if (form.FixedCount > FixedAtLevel1Max)
            yield return new LevelReason(LevelReasonCode.SeveralFixed, form.FixedCount, FixedAtLevel1Max);
        if (form.LaptopCount > LaptopsAtLevel1Max)
            yield return new LevelReason(LevelReasonCode.SeveralLaptops, form.LaptopCount, LaptopsAtLevel1Max);
    }

    private static IEnumerable<LevelReason> StudyReasons(DiagnosisForm form, long volume, int largest)
    {
        if (volume > largest) yield return new LevelReason(LevelReasonCode.VolumeBeyondLevels, volume, largest);
        if (form.IsComplex) yield return new LevelReason(LevelReasonCode.Complex, 1, null);
    }

    private static long StartedGigabytes(long bytes) => (bytes + GigabyteBytes - 1) / GigabyteBytes;
}
