using System.Diagnostics;

namespace Beffroi.Agent.Tests;

/// <summary>Starts this test program once more, for one test class that plays its other part when a variable is
/// set.</summary>
internal static class SelfProcess
{
    internal static Process Start(Type testClass, string variable, string value)
    {
        var start = new ProcessStartInfo("dotnet") { RedirectStandardOutput = true };
        foreach (var argument in (string[])["exec", testClass.Assembly.Location, "-class", testClass.FullName ?? ""])
            start.ArgumentList.Add(argument);
        start.Environment[variable] = value;
        return Process.Start(start) ?? throw new InvalidOperationException("No process was started.");
    }
}
