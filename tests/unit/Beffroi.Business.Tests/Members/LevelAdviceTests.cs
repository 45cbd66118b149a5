using Beffroi.Business.Members.Diagnoses;

namespace Beffroi.Business.Tests.Members;

/// <summary>LV01 to LV10, and the worked examples 5.4 of the domain model.</summary>
public sealed class LevelAdviceTests
{
    private const long Gigabyte = 1_000_000_000;

    [Theory]
    [InlineData(1, 0, 0, 1)]
    [InlineData(0, 1, 0, 1)]
    [InlineData(2, 0, 0, 1)]
    [InlineData(2, 1, 0, 1)] // 5.4
    [InlineData(2, 2, 0, 2)] // 5.4
    [InlineData(3, 0, 0, 2)] // 5.4
    [InlineData(0, 2, 0, 2)]
    [InlineData(5, 0, 1, 3)] // 5.4
    [InlineData(0, 0, 1, 3)]
    public void The_level_follows_from_the_computers(int fixedCount, int laptops, int servers, int level)
    {
        Assert.Equal(level, Advise(fixedCount, laptops, servers, 10 * Gigabyte).Level);
    }

    [Theory]
    [InlineData(1, 15)]
    [InlineData(3, 25)]
    public void What_the_level_includes_costs_nothing_more(int fixedCount, int gigabytes)
    {
        var advice = Advise(fixedCount, 0, 0, gigabytes * Gigabyte);

        Assert.Equal((gigabytes, 0L, 0m), (advice.IncludedGigabytes, advice.ExtraGigabytes, advice.ExtraMonthlyPrice));
        Assert.Contains(new LevelReason(LevelReasonCode.VolumeIncluded, gigabytes, gigabytes), advice.Reasons);
    }

    [Theory]
    [InlineData(31_000_000_000, 6, 12.00)] // 5.4: level 2 with 31 Go.
    [InlineData(31_200_000_000, 7, 14.00)] // 5.4: a started Go counts.
    [InlineData(25_000_000_001, 1, 2.00)]
    public void Each_started_gigabyte_above_is_charged(long bytes, long extra, double price)
    {
        var advice = Advise(3, 0, 0, bytes);

        Assert.Equal((2, extra, (decimal)price), (advice.Level, advice.ExtraGigabytes, advice.ExtraMonthlyPrice));
        Assert.False(advice.NeedsStudy);
    }

    [Fact]
    public void Level_3_with_41_Go_pays_one_more_and_needs_a_study()
    {
        var advice = Advise(5, 0, 1, 41 * Gigabyte);

        Assert.Equal((3, 1L, 2.00m), (advice.Level, advice.ExtraGigabytes, advice.ExtraMonthlyPrice));
        Assert.True(advice.NeedsStudy);
        Assert.Contains(new LevelReason(LevelReasonCode.VolumeBeyondLevels, 41, 40), advice.Reasons);
    }

    [Fact]
    public void Level_3_with_40_Go_needs_no_study()
    {
        Assert.False(Advise(5, 0, 1, 40 * Gigabyte).NeedsStudy);
    }

    [Fact]
    public void A_technician_can_ask_for_a_study_whatever_the_volume()
    {
        var advice = LevelAdvice.For(Form(1, 0, 0, Gigabyte) with { IsComplex = true }, LevelTerms.Default);

        Assert.True(advice.NeedsStudy);
        Assert.Contains(new LevelReason(LevelReasonCode.Complex, 1, null), advice.Reasons);
    }

    [Fact]
    public void Only_level_2_brings_a_NAS_and_drives_between_fixed_computers_and_laptops()
    {
        var level2 = Advise(3, 2, 0, Gigabyte);
        Assert.True(level2.NasSupplied);
        Assert.Equal(2, level2.DrivePairs);

        Assert.False(Advise(2, 1, 0, Gigabyte).NasSupplied);
        Assert.False(Advise(5, 2, 1, Gigabyte).NasSupplied);
    }

    [Fact]
    public void Each_reason_says_what_was_found_and_the_limit()
    {
        var reasons = Advise(4, 2, 0, Gigabyte).Reasons;

        Assert.Contains(new LevelReason(LevelReasonCode.SeveralFixed, 4, 2), reasons);
        Assert.Contains(new LevelReason(LevelReasonCode.SeveralLaptops, 2, 1), reasons);
        Assert.Contains(new LevelReason(LevelReasonCode.NasSupplied, 1, null), reasons);
    }

    [Fact]
    public void An_operator_without_a_price_gets_no_amount()
    {
        var advice = LevelAdvice.For(Form(3, 0, 0, 31 * Gigabyte), new LevelTerms([20, 30, 50], null));

        Assert.Equal((30, 1L, null), (advice.IncludedGigabytes, advice.ExtraGigabytes, advice.ExtraMonthlyPrice));
    }

    private static LevelAdvice Advise(int fixedCount, int laptops, int servers, long bytes) =>
        LevelAdvice.For(Form(fixedCount, laptops, servers, bytes), LevelTerms.Default);

    private static DiagnosisForm Form(int fixedCount, int laptops, int servers, long bytes) => new()
    {
        FixedCount = fixedCount,
        LaptopCount = laptops,
        ServerCount = servers,
        VolumeBytes = bytes,
    };
}
