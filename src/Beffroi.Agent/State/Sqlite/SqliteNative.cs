using System.Runtime.InteropServices;
using Beffroi.Vault;
using Microsoft.Win32.SafeHandles;

namespace Beffroi.Agent.State.Sqlite;

/// <summary>The functions of the system's SQLite that are used. <see cref="Require"/> comes before any other.</summary>
internal static unsafe partial class SqliteNative
{
    internal const int Ok = 0;
    internal const int Corrupt = 11;
    internal const int NotADatabase = 26;
    internal const int Row = 100;
    internal const int Done = 101;
    internal const int ShortRead = 10 | (2 << 8);

    internal const int OpenReadWrite = 0x2;
    internal const int OpenNoMutex = 0x8000; // One thread at a time: the callers hold a lock of their own.
    internal const uint PreparePersistent = 0x1;

    /// <summary>Tells SQLite to copy what is bound before the call returns.</summary>
    internal const nint Transient = -1;

    // 3.20 brought sqlite3_prepare_v3. The oldest system that is served, RHEL 8, has 3.26.
    private const int VersionMin = 3_020_000;

    private const string Library = "sqlite3";

    private static readonly Lazy<nint> s_library = new(Load);

    /// <summary>Loads the library, once per process.</summary>
    /// <exception cref="VaultException"><see cref="ErrorCode.LibraryMissing"/>: absent, or older than 3.20.</exception>
    internal static void Require()
    {
        if (s_library.Value == 0 || VersionNumber() < VersionMin) throw Missing();
    }

    private static nint Load()
    {
        // Names that only the system's own folders can answer: a library planted in the current one is never taken.
        var name = OperatingSystem.IsWindows() ? "winsqlite3.dll"
            : OperatingSystem.IsMacOS() ? "/usr/lib/libsqlite3.dylib" : "libsqlite3.so.0";
        var own = typeof(SqliteNative).Assembly;
        if (!NativeLibrary.TryLoad(name, own, DllImportSearchPath.System32, out var library)) return 0;
        NativeLibrary.SetDllImportResolver(own, (asked, _, _) => asked == Library ? library : 0);
        return library;
    }

    private static VaultException Missing() => new(ErrorCode.LibraryMissing, retryable: false,
        "This computer has no SQLite library of version 3.20 or later, where the agent notes which files it has "
        + "backed up. Install the package libsqlite3-0 (Debian, Ubuntu), sqlite-libs (Fedora, RHEL) or libsqlite3-0 "
        + "(openSUSE); Windows 10 and macOS bring it along. Then run the command again.");

    [LibraryImport(Library, EntryPoint = "sqlite3_libversion_number")]
    internal static partial int VersionNumber();

    [LibraryImport(Library, EntryPoint = "sqlite3_open_v2", StringMarshalling = StringMarshalling.Utf8)]
    internal static partial int Open(string path, out SqliteHandle database, int flags, nint fileSystem);

    [LibraryImport(Library, EntryPoint = "sqlite3_close_v2")]
    internal static partial int Close(nint database);

    [LibraryImport(Library, EntryPoint = "sqlite3_busy_timeout")]
    internal static partial int BusyTimeout(SqliteHandle database, int milliseconds);

    [LibraryImport(Library, EntryPoint = "sqlite3_exec", StringMarshalling = StringMarshalling.Utf8)]
    internal static partial int Execute(SqliteHandle database, string sql, nint callback, nint argument, nint message);

    [LibraryImport(Library, EntryPoint = "sqlite3_prepare_v3")]
    internal static partial int Prepare(
        SqliteHandle database, byte* sql, int length, uint flags, out nint statement, nint tail);

    [LibraryImport(Library, EntryPoint = "sqlite3_extended_errcode")]
    internal static partial int ExtendedErrorCode(SqliteHandle database);

    [LibraryImport(Library, EntryPoint = "sqlite3_errmsg")]
    internal static partial byte* ErrorMessage(SqliteHandle database);

    [LibraryImport(Library, EntryPoint = "sqlite3_changes")]
    internal static partial int Changes(SqliteHandle database);

    // Below, the statement is a bare pointer: a SafeHandle counts references at every call, which would cost more than
    // the call.

    [LibraryImport(Library, EntryPoint = "sqlite3_finalize")]
    internal static partial int Finalize(nint statement);

    [LibraryImport(Library, EntryPoint = "sqlite3_step")]
    internal static partial int Step(nint statement);

    [LibraryImport(Library, EntryPoint = "sqlite3_reset")]
    internal static partial int Reset(nint statement);

    [LibraryImport(Library, EntryPoint = "sqlite3_clear_bindings")]
    internal static partial int ClearBindings(nint statement);

    [LibraryImport(Library, EntryPoint = "sqlite3_bind_int64")]
    internal static partial int BindInt64(nint statement, int parameter, long value);

    [LibraryImport(Library, EntryPoint = "sqlite3_bind_null")]
    internal static partial int BindNull(nint statement, int parameter);

    [LibraryImport(Library, EntryPoint = "sqlite3_bind_blob")]
    internal static partial int BindBlob(nint statement, int parameter, byte* value, int length, nint destructor);

    [LibraryImport(Library, EntryPoint = "sqlite3_bind_text")]
    internal static partial int BindText(nint statement, int parameter, byte* utf8, int length, nint destructor);

    [LibraryImport(Library, EntryPoint = "sqlite3_column_type")]
    internal static partial int ColumnType(nint statement, int column);

    [LibraryImport(Library, EntryPoint = "sqlite3_column_int64")]
    internal static partial long ColumnInt64(nint statement, int column);

    [LibraryImport(Library, EntryPoint = "sqlite3_column_blob")]
    internal static partial byte* ColumnBlob(nint statement, int column);

    [LibraryImport(Library, EntryPoint = "sqlite3_column_bytes")]
    internal static partial int ColumnBytes(nint statement, int column);
}

/// <summary>A sqlite3*. Closing waits for statements that are still open, so the order of clean-up does not
/// matter.</summary>
internal sealed class SqliteHandle() : SafeHandleZeroOrMinusOneIsInvalid(ownsHandle: true)
{
    protected override bool ReleaseHandle() => SqliteNative.Close(handle) == SqliteNative.Ok;
}
