using System.Runtime.Versioning;
using Beffroi.Agent.Commands;
using Beffroi.Agent.Configuration;
using Beffroi.Agent.Enrolling;
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

    [Fact]
    public async Task A_token_may_come_by_standard_input_where_no_list_of_processes_shows_it()
    {
        var token = EnrolmentToken.Create(authority: null).ToText();
        foreach (var line in (string[])[$"{token}\n", $"\uFEFF {token}\r\n", token])
        {
            var before = _fixture.Vault.Requests.Count;
            var terminal = new Terminal(
                TextWriter.Null, TextWriter.Null, isInteractive: false, width: 80, () => new StringReader(line));
            var context = new AgentContext(_fixture.Home, _fixture.Time, terminal);

            await new EnrollCommand(context).Parse(["--server", $"{_fixture.Address}", "--token", "-"]).InvokeAsync();

            Assert.True(_fixture.Vault.Requests.Count > before); // It was one; a fake server enrols nobody.
        }
    }

    [Fact]
    public async Task Without_standard_input_no_token_is_asked_for()
    {
        var command = new EnrollCommand(_fixture.Context);

        Assert.Equal(
            ExitCode.Usage, await command.Parse(["--server", "https://s.example", "--token", "-"]).InvokeAsync());
        Assert.Contains("where there is none", _fixture.Notes, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("", "BEF-1001")]
    [InlineData("https://s.example", "BEF-1001")]
    [InlineData("https://s.example bef1.abc", "BEF-4001")]
    [InlineData("https://s.example bef1.abc more", "BEF-1001")]
    public async Task A_request_of_an_installer_that_makes_no_sense_leaves_nothing_behind(string request, string code)
    {
        var exit = await new EnrollCommand(_fixture.Context).Parse(["--later", request]).InvokeAsync();

        Assert.NotEqual(ExitCode.Done, exit);
        Assert.Contains(code, _fixture.Notes, StringComparison.Ordinal);
        Assert.Null(PendingEnrolment.Load(_fixture.Home));
    }

    [Fact]
    public async Task Who_is_enrolled_stays_so_whatever_an_installer_asks_for()
    {
        EnrolmentFile.Save(_fixture.Home, _fixture.Enrolment);
        var request = $"{_fixture.Address} {EnrolmentToken.Create(authority: null).ToText()}";

        Assert.Equal(
            ExitCode.Done, await new EnrollCommand(_fixture.Context).Parse(["--later", request]).InvokeAsync());
        PendingEnrolment.Parse(request).Save(_fixture.Home);
        Assert.Equal(ExitCode.Done, await new EnrollCommand(_fixture.Context).Parse([]).InvokeAsync());

        Assert.Null(PendingEnrolment.Load(_fixture.Home));
        Assert.Equal(_fixture.Enrolment.Device, EnrolmentFile.Load(_fixture.Home).Device);
        Assert.Empty(_fixture.Vault.Requests);
        // Nothing waits any more.
        Assert.Equal(ExitCode.Usage, await new EnrollCommand(_fixture.Context).Parse([]).InvokeAsync());
    }

    [Fact]
    public async Task Without_options_and_without_an_installers_request_nothing_is_known()
    {
        Assert.Equal(ExitCode.Usage, await new EnrollCommand(_fixture.Context).Parse([]).InvokeAsync());
        Assert.Equal(
            ExitCode.Usage,
            await new EnrollCommand(_fixture.Context).Parse(["--server", "https://s.example"]).InvokeAsync());
        Assert.Contains("go together", _fixture.Notes, StringComparison.Ordinal);
    }
}
