using System.Text;

namespace Beffroi.Agent.State.Sqlite;

/// <summary>A compiled statement: bind, step, read columns, reset, again. One thread at a time.</summary>
internal sealed unsafe class SqliteStatement : IDisposable
{
    private const int NullType = 5;
    private const int StackBytesMax = 512;

    private readonly SqliteDatabase _database; // Keeps the connection alive as long as the statement.
    private nint _statement;

    internal SqliteStatement(SqliteDatabase database, nint statement)
    {
        _database = database;
        _statement = statement;
    }

    private nint Pointer
    {
        get
        {
            ObjectDisposedException.ThrowIf(_statement == 0, this);
            return _statement;
        }
    }

    /// <summary>Gives a number to a parameter; the first is 1. Values stay until bound anew.</summary>
    internal SqliteStatement Bind(int parameter, long value)
    {
        _database.Check(SqliteNative.BindInt64(Pointer, parameter, value));
        return this;
    }

    /// <summary>Gives bytes to a parameter. They are copied.</summary>
    internal SqliteStatement Bind(int parameter, ReadOnlySpan<byte> value)
    {
        byte none; // A null pointer would mean NULL, not "no bytes".
        fixed (byte* bytes = value)
            _database.Check(SqliteNative.BindBlob(
                Pointer, parameter, bytes is null ? &none : bytes, value.Length, SqliteNative.Transient));
        return this;
    }

    /// <summary>Gives text to a parameter. It is copied.</summary>
    internal SqliteStatement Bind(int parameter, ReadOnlySpan<char> value)
    {
        var length = Encoding.UTF8.GetMaxByteCount(value.Length);
        var utf8 = length <= StackBytesMax ? stackalloc byte[StackBytesMax] : new byte[length];
        length = Encoding.UTF8.GetBytes(value, utf8);
        fixed (byte* bytes = utf8)
            _database.Check(SqliteNative.BindText(Pointer, parameter, bytes, length, SqliteNative.Transient));
        return this;
    }

    /// <summary>Gives NULL to a parameter.</summary>
    internal SqliteStatement BindNull(int parameter)
    {
        _database.Check(SqliteNative.BindNull(Pointer, parameter));
        return this;
    }

    /// <summary>Goes to the next row.</summary>
    /// <returns>False when there is none: the statement is then reset.</returns>
    /// <exception cref="SqliteException">The statement failed; it is then reset.</exception>
    internal bool Step()
    {
        var result = SqliteNative.Step(Pointer);
        if (result == SqliteNative.Row) return true;
        try
        {
            _database.Check(result); // Before the reset, which would say it again in other words.
            return false;
        }
        finally
        {
            Reset();
        }
    }

    /// <summary>Steps a statement that gives no row.</summary>
    internal void Run()
    {
        if (Step()) Reset();
    }

    /// <summary>Whether the column of the current row is NULL.</summary>
    internal bool IsNull(int column) => SqliteNative.ColumnType(Pointer, column) == NullType;

    /// <summary>The column of the current row as a number; the first is 0.</summary>
    internal long Int64(int column) => SqliteNative.ColumnInt64(Pointer, column);

    /// <summary>The column's bytes, valid until the next step or reset.</summary>
    internal ReadOnlySpan<byte> Blob(int column)
    {
        var bytes = SqliteNative.ColumnBlob(Pointer, column);
        var length = SqliteNative.ColumnBytes(_statement, column);
        return bytes is null ? default : new ReadOnlySpan<byte>(bytes, length);
    }

    /// <summary>The column as text.</summary>
    internal string Text(int column) => Encoding.UTF8.GetString(Blob(column));

    /// <summary>Ends the reading before its end, so that it blocks nobody. Bound values stay.</summary>
    internal void Reset() => _ = SqliteNative.Reset(Pointer); // Its result repeats the failure of the last step.

    /// <summary>Frees what the parameters hold.</summary>
    internal void ClearBindings() => _database.Check(SqliteNative.ClearBindings(Pointer));

    public void Dispose()
    {
        if (_statement == 0) return;
        _ = SqliteNative.Finalize(_statement); // Likewise.
        _statement = 0;
        _database.Forget(this);
    }
}
