using Beffroi.Identity;

namespace Beffroi.Fleet.Tests;

public sealed class SiretTests
{
    [Theory]
    [InlineData("73282932000074")] // The Luhn example of INSEE's documentation.
    [InlineData("732 829 320 00074")]
    [InlineData("35600000000048")] // La Poste's seat, whose Luhn key is right.
    [InlineData("35600000049837")] // A post office: only the sum of its digits, 45, is a multiple of five.
    public void A_right_number_is_read(string text)
    {
        Assert.Equal(text.Replace(" ", ""), Siret.Parse(text).Value);
    }

    [Theory]
    [InlineData(null)]
    [InlineData("")]
    [InlineData("7328293200007")]
    [InlineData("732829320000740")]
    [InlineData("73282932000075")]
    [InlineData("7328293200007A")]
    [InlineData("٧٣٢٨٢٩٣٢٠٠٠٠٧٤")]
    [InlineData("00000000000000")]
    [InlineData("35600000049838")]
    public void A_wrong_number_is_refused(string? text)
    {
        Assert.False(Siret.TryParse(text, out _));
    }

    [Fact]
    public void Every_single_wrong_digit_is_found()
    {
        const string right = "73282932000074";
        for (var index = 0; index < right.Length; index++)
        {
            for (var digit = '0'; digit <= '9'; digit++)
            {
                var text = right[..index] + digit + right[(index + 1)..];
                Assert.Equal(text == right, Siret.TryParse(text, out _));
            }
        }
    }
}
