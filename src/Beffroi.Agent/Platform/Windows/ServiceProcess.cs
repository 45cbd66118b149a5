using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Versioning;
using Beffroi.Vault;

namespace Beffroi.Agent.Platform.Windows;

/// <summary>This process as a service of Windows: says what it does to the service control manager, and hears from it
/// when to stop. The library for that cannot be had with the packages at hand.</summary>
/// <remarks>One process is one service, so its state is static: the manager calls plain functions.</remarks>
[SupportedOSPlatform("windows")]
internal static unsafe partial class ServiceProcess
{
    /// <summary>Its name, for sc.exe and the MSI.</summary>
    internal const string Name = "beffroi";

    private const uint OwnProcess = 0x10, Stopped = 1, StopPending = 3, Running = 4;
    private const uint AcceptsStop = 1, AcceptsShutdown = 4;
    private const uint ControlStop = 1, ControlInterrogate = 4, ControlShutdown = 5;
    private const int NotImplemented = 120, ServiceSpecific = 1066, NotAService = 1063;

    // As the unit of systemd has it: a backup that is stopped ends the pack under way and notes what it knows.
    private const uint StopHintMilliseconds = 90_000;

    private static Func<CancellationToken, Task<int>>? s_body;
    private static readonly CancellationTokenSource s_stop = new();
    private static nint s_handle;
    private static uint s_state = Running;
    private static int s_exitCode;

    /// <summary>Runs <paramref name="body"/> until it ends, or the manager says stop.</summary>
    /// <returns>What the body returned.</returns>
    /// <exception cref="VaultException"><see cref="ErrorCode.UsageInvalid"/>: a person ran it.</exception>
    internal static int Run(Func<CancellationToken, Task<int>> body)
    {
        s_body = body;
        fixed (char* name = Name)
        {
            var table = stackalloc Entry[2]; // The second, of zeros, ends it.
            table[1] = default;
            table[0] = new Entry { Name = name, Main = &Serve };
            if (StartServiceCtrlDispatcherW(table)) return s_exitCode;
        }
        var error = Marshal.GetLastPInvokeError();
        throw new VaultException(ErrorCode.UsageInvalid, retryable: false, error == NotAService
            ? "--service is for the service manager of Windows. Run 'beffroi run' in a terminal, or 'beffroi run "
                + "--install' to have the service made."
            : $"The service manager of Windows does not answer: {Marshal.GetPInvokeErrorMessage(error)}");
    }

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvStdcall)])]
    private static void Serve(uint count, char** arguments)
    {
        s_handle = RegisterServiceCtrlHandlerExW(Name, &Hear, 0);
        Tell(Running);
        try
        {
            s_exitCode = s_body!(s_stop.Token).GetAwaiter().GetResult(); // Set before this thread was made.
        }
        finally
        {
            Tell(Stopped);
        }
    }

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvStdcall)])]
    private static uint Hear(uint control, uint kind, nint data, nint context)
    {
        switch (control)
        {
            case ControlStop or ControlShutdown:
                Tell(StopPending);
                s_stop.CancelAsync(); // What hears it must not run on the manager's thread.
                return 0;
            case ControlInterrogate:
                Tell(s_state);
                return 0;
            default:
                return NotImplemented;
        }
    }

    private static void Tell(uint state)
    {
        s_state = state;
        var status = new Status
        {
            Kind = OwnProcess,
            State = state,
            Accepts = state == Running ? AcceptsStop | AcceptsShutdown : 0,
            ExitCode = state == Stopped && s_exitCode != 0 ? ServiceSpecific : 0u,
            OwnExitCode = (uint)s_exitCode,
            WaitHint = state == StopPending ? StopHintMilliseconds : 0,
        };
        SetServiceStatus(s_handle, &status); // A manager that does not listen has ended the process in a moment.
    }

    [LibraryImport("advapi32.dll", SetLastError = true)]
    [return: MarshalAs(UnmanagedType.Bool)]
    private static partial bool StartServiceCtrlDispatcherW(Entry* table);

    [LibraryImport("advapi32.dll", StringMarshalling = StringMarshalling.Utf16, SetLastError = true)]
    private static partial nint RegisterServiceCtrlHandlerExW(
        string name, delegate* unmanaged[Stdcall]<uint, uint, nint, nint, uint> handler, nint context);

    [LibraryImport("advapi32.dll", SetLastError = true)]
    [return: MarshalAs(UnmanagedType.Bool)]
    private static partial bool SetServiceStatus(nint handle, Status* status);

    /// <summary>SERVICE_TABLE_ENTRYW.</summary>
    private struct Entry
    {
        internal char* Name;
        internal delegate* unmanaged[Stdcall]<uint, char**, void> Main;
    }

    /// <summary>SERVICE_STATUS.</summary>
    private struct Status
    {
        internal uint Kind;
        internal uint State;
        internal uint Accepts;
        internal uint ExitCode;
        internal uint OwnExitCode;
        internal uint CheckPoint;
        internal uint WaitHint;
    }
}
