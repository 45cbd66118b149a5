using Beffroi.Vault;
using Beffroi.Vault.Catalogue;

namespace Beffroi.Agent.Platform;

/// <summary>Something of the source that could not be read, and was left out.</summary>
/// <param name="Path">Which object.</param>
/// <param name="SystemError">errno on Linux, GetLastError on Windows.</param>
/// <param name="Text">What, why and what to do, for a person.</param>
/// <param name="Code">The same for a program; <see cref="ErrorCode.None"/> when a part was left out, such as an
/// attribute.</param>
internal readonly record struct SourceProblem(
    EntryPath Path, int SystemError, string Text, ErrorCode Code = ErrorCode.None);

/// <summary>A call on the file system failed for one object.</summary>
internal sealed class FileSystemException(ErrorCode code, EntryPath path, int systemError, string message)
    : VaultException(code, retryable: false, message)
{
    internal EntryPath Path { get; } = path;

    /// <summary>errno on Linux, GetLastError on Windows; 0 when the system did not refuse anything.</summary>
    internal int SystemError { get; } = systemError;

    internal SourceProblem AsProblem() => new(Path, SystemError, Message, Code);
}
