namespace Beffroi.Server.Admin;

/// <summary>Tells a person where long work stands, without mixing with the answer on standard output.</summary>
internal sealed class StandardErrorProgress : IProgress<string>
{
    public void Report(string value) => Console.Error.WriteLine(value);
}
