using Beffroi.Vault;

namespace Beffroi.Server;

/// <summary>How the program ends, the same numbers as the agent's.</summary>
internal static class ExitCode
{
    internal const int Done = 0;
    internal const int Error = 1;
    internal const int Usage = 2;
    internal const int Damaged = 20;

    internal static int Of(VaultException exception) => exception.Code == ErrorCode.UsageInvalid ? Usage : Error;
}
