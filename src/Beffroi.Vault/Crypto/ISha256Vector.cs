using System.Diagnostics.CodeAnalysis;

namespace Beffroi.Vault.Crypto;

/// <summary>What SHA-256 asks of a vector of 32-bit words, where each element belongs to another message.</summary>
/// <remarks>Static members on a type parameter: the compiler makes one copy of the compression per width and inlines
/// each member into one or a few instructions.</remarks>
internal interface ISha256Vector<TVector> where TVector : unmanaged
{
    /// <summary>How many messages a vector serves.</summary>
    static abstract int Lanes { get; }

    /// <summary>The same word in each lane.</summary>
    static abstract TVector Broadcast(uint word);

    /// <summary>Sum modulo 2^32.</summary>
    static abstract TVector Add(TVector x, TVector y);

    /// <summary>Exclusive or of three.</summary>
    static abstract TVector Xor(TVector x, TVector y, TVector z);

    /// <summary>The bits of <paramref name="x"/> where <paramref name="mask"/> has ones, else those of
    /// <paramref name="y"/>.</summary>
    static abstract TVector Choose(TVector mask, TVector x, TVector y);

    /// <summary>The value that at least two of three bits have.</summary>
    static abstract TVector Majority(TVector x, TVector y, TVector z);

    /// <summary>Turns each word right.</summary>
    static abstract TVector RotateRight(TVector x, [ConstantExpected] byte count);

    /// <summary>Shifts each word right, zeros coming in.</summary>
    static abstract TVector ShiftRight(TVector x, [ConstantExpected] byte count);

    /// <summary>Reads one 64-byte block of each lane, at <paramref name="offset"/> from its pointer in
    /// <paramref name="sources"/>, as 16 vectors: word <c>t</c> of every lane goes to <c>words[t]</c>.</summary>
    static abstract unsafe void LoadBlocks(byte** sources, nint offset, TVector* words);
}
