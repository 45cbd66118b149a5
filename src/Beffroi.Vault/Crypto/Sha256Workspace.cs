namespace Beffroi.Vault.Crypto;

/// <summary>The scratch memory of one run of <see cref="Sha256Lanes"/>: 22 KB, on the stack of the caller.</summary>
internal readonly unsafe struct Sha256Workspace
{
    /// <summary>The widest vector's lanes; narrower ones use the first columns of the same rows.</summary>
    internal const int LanesMax = 16;

    internal const int BlockBytes = 64;

    /// <summary>Most bytes that a stage takes. The longer, the rarer the interruptions, but all stages should stay in
    /// a first-level cache of 32 KiB. Messages of 2 KiB: 2.1 GB/s with 512, 2.3 with 1024, 2.4 with 4096.</summary>
    internal const int StageBytes = 1024;

    /// <summary>How many bytes to give to the constructor.</summary>
    internal const int Bytes = Alignment - 1 + StagesOffset + LanesMax * StageStride;

    private const int Alignment = 64; // Of the widest vector: a store across two cache lines costs double.
    private const int StateBytes = 8 * LanesMax * sizeof(uint);
    private const int ScheduleBytes = 64 * LanesMax * sizeof(uint);
    private const int SourcesBytes = LanesMax * sizeof(ulong);
    private const int ScheduleOffset = StateBytes;
    private const int SourcesOffset = ScheduleOffset + ScheduleBytes;
    private const int StagesOffset = SourcesOffset + SourcesBytes;
    private const int StageStride = StageBytes + BlockBytes; // Padding may need a block more.

    private readonly byte* _start;

    /// <param name="memory">At least <see cref="Bytes"/>, neither moved nor freed while this is in use.</param>
    internal Sha256Workspace(byte* memory) =>
        _start = (byte*)(((nuint)memory + Alignment - 1) & ~(nuint)(Alignment - 1));

    /// <summary>Eight rows, one per word of the state, of <see cref="LanesMax"/> columns.</summary>
    internal uint* State => (uint*)_start;

    /// <summary>Room for the 64 vectors of a message schedule.</summary>
    internal void* Schedule => _start + ScheduleOffset;

    /// <summary>Where each lane reads its next block.</summary>
    internal byte** Sources => (byte**)(_start + SourcesOffset);

    /// <summary>A lane's own buffer, for the blocks that do not lie whole in a message's body.</summary>
    internal byte* Stage(int lane) => _start + StagesOffset + lane * StageStride;
}
