using Beffroi.Agent.Platform;

namespace Beffroi.Agent.Tests.Platform;

public sealed class TemporaryNamesTests
{
    private const int Self = 0x1F, Living = 0x2A;

    [Theory]
    [InlineData(".beffroi-restore-1f-1", true)]
    [InlineData(".beffroi-restore-2a-1", false)]
    [InlineData(".beffroi-restore-2b-ff", true)]
    [InlineData(".beffroi-restore-0-1", false)]
    [InlineData(".beffroi-restore-2b", false)]
    [InlineData(".beffroi-restore-2b-1-1", false)]
    [InlineData(".beffroi-restore-notes-1", false)]
    [InlineData("beffroi-restore-2b-1", false)]
    public void Only_what_no_living_process_completes_is_abandoned(string name, bool isAbandoned) =>
        Assert.Equal(isAbandoned, TemporaryNames.IsAbandoned(name, Self, process => process == Living));

    [Fact]
    public void A_name_tells_its_process() => Assert.Equal(".beffroi-restore-1f-a", TemporaryNames.Of(Self, 10));
}
