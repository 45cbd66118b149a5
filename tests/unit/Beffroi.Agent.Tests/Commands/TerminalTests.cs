using Beffroi.Agent.Commands;

namespace Beffroi.Agent.Tests.Commands;

public sealed class TerminalTests : IDisposable
{
    private readonly StringWriter _output = new();
    private readonly StringWriter _error = new();

    public void Dispose()
    {
        _output.Dispose();
        _error.Dispose();
    }

    [Fact]
    public void No_file_name_can_write_to_the_screen()
    {
        var terminal = new Terminal(_output, _error, isInteractive: false, width: 80);

        terminal.Note("warning: /a\u001b[31m\r\nall is well\u0085 could not be read");

        Assert.Equal(
            "warning: /a\\x1b[31m\\x0d\\x0aall is well\\x85 could not be read" + Environment.NewLine,
            _error.ToString());
    }

    [Fact]
    public void Json_has_accents_as_they_are_and_controls_escaped()
    {
        var terminal = new Terminal(_output, _error, isInteractive: false, width: 80);

        terminal.WriteJson(new DifferenceLine("+", "état/\u001b\u009b\u007f"), CliJson.Default.DifferenceLine);

        Assert.Equal(
            """{"change":"+","path":"état/\u001B\u009B\u007F"}""" + Environment.NewLine, _output.ToString());
    }

    [Theory]
    [InlineData(
        "Cannot parse argument 'abc' for option '--limit-upload' as expected type 'System.Nullable`1[System.Double]'.",
        "Cannot parse argument 'abc' for option '--limit-upload'.")]
    [InlineData("Required command was not provided.", "A command is missing.")]
    [InlineData("Option '--to' is required.", "Option '--to' is required.")]
    public void The_library_of_the_command_line_is_put_into_plain_words(string theirs, string ours) =>
        Assert.Equal(ours, UsageText.Of(theirs));
}
