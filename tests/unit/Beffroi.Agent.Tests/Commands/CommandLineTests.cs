using System.Runtime.Versioning;
using Beffroi.Agent.Commands;
using Beffroi.Agent.Configuration;
using Beffroi.Agent.Tests.Backup;
using Beffroi.Protocol;

namespace Beffroi.Agent.Tests.Commands;

/// <summary>Whole commands, as a person types them.</summary>
[SupportedOSPlatform("linux")]
public sealed class CommandLineTests : IAsyncDisposable
{
    private readonly SessionFixture _fixture = new();

    public ValueTask DisposeAsync() => _fixture.DisposeAsync();

    [Fact]
    public async Task A_path_that_is_empty_is_a_wrong_command_line()
    {
        EnrolmentFile.Save(_fixture.Home, _fixture.Enrolment);

        Assert.Equal(ExitCode.Usage, await new BackupCommand(_fixture.Context).Parse([""]).InvokeAsync());
        Assert.Equal(ExitCode.Usage, await new WhyCommand(_fixture.Context).Parse([""]).InvokeAsync());

        Assert.Equal(2, _fixture.Notes.Split("BEF-1001").Length - 1);
    }

    [Fact]
    public async Task A_token_is_not_spent_where_the_enrolment_cannot_be_kept()
    {
        var token = EnrolmentToken.Create(authority: null).ToText();
        Directory.Delete(_fixture.Home.ConfigurationFolder);
        await File.WriteAllTextAsync(_fixture.Home.ConfigurationFolder, "in the way");

        var command = new EnrollCommand(_fixture.Context);
        var code = await command.Parse(["--server", $"{_fixture.Address}", "--token", token]).InvokeAsync();

        Assert.Equal(ExitCode.Failed, code);
        Assert.Contains("BEF-1020", _fixture.Notes, StringComparison.Ordinal);
        Assert.Empty(_fixture.Vault.Requests);
    }
}
