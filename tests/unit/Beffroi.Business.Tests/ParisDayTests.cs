using System.Globalization;

namespace Beffroi.Business.Tests;

public sealed class ParisDayTests
{
    [Theory]
    [InlineData("2023-10-31T22:59:59Z", "2023-10-31")] // Winter: one hour ahead.
    [InlineData("2023-10-31T23:00:00Z", "2023-11-01")]
    [InlineData("2026-07-14T21:59:59Z", "2026-07-14")] // Summer: two hours.
    [InlineData("2026-07-14T22:00:00Z", "2026-07-15")]
    [InlineData("2026-03-28T22:30:00Z", "2026-03-28")] // Clocks change on Sunday 29 March, at 1:00 UTC.
    [InlineData("2026-03-29T22:30:00Z", "2026-03-30")]
    [InlineData("2026-10-24T22:30:00Z", "2026-10-25")] // And back on Sunday 25 October.
    [InlineData("2026-10-25T22:30:00Z", "2026-10-25")]
    public void A_day_begins_at_midnight_in_Paris(string instant, string day)
    {
        var expected = DateOnly.ParseExact(day, "yyyy-MM-dd", CultureInfo.InvariantCulture);
        Assert.Equal(expected, ParisDay.Of(DateTimeOffset.Parse(instant, CultureInfo.InvariantCulture)));
    }
}
