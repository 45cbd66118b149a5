using System.Buffers;
using System.Security.Cryptography;
using Beffroi.Intake.Limits;
using Beffroi.Vault;
using Beffroi.Vault.Packs;
using Microsoft.AspNetCore.Http;

namespace Beffroi.Intake.Packs;

/// <summary>Takes in packs. While less than half of the memory for uploads is in use a pack comes right into it; else
/// into a file, and takes memory once it is whole. So slow lines hold half of the memory at most, and nobody waits for
/// them.</summary>
/// <remarks>Files are not flushed: what a fast line brings is read again and gone before the system has written
/// it.</remarks>
internal sealed class PackReception(IntakeOptions options, IntakeLimits limits, TimeProvider time) : IDisposable
{
    // At least the largest pack: else it would wait for a slow line after all.
    private readonly long _leftMin = Math.Max(options.UploadBytesMax / 2, PackLimits.BytesMax(PackKind.Data));

    private readonly AtOnceLimit _uploads = new(options.UploadsPerDeviceMax, "uploads");

    private readonly ByteBudget _disk = new(
        options.UploadDiskBytesMax, options.UploadWait, "The server receives as many packs as it has room for.", time);

    /// <summary>Takes in the body of a request, which has exactly that length.</summary>
    /// <exception cref="BadHttpRequestException">408: it did not come in whole, or not in time.</exception>
    internal async Task<ReceivedPack> ReceiveAsync(
        DeviceId device, HttpContext context, int length, CancellationToken cancellationToken)
    {
        var place = _uploads.Take(device);
        ReceivedPack? pack = null;
        try
        {
            pack = limits.UploadMemory.TryTakeSpare(length, _leftMin) is { } lease
                ? await FillAsync(new ReceivedPack(length, lease, place), Receive, cancellationToken)
                : await ReceiveByFileAsync(context, length, place, cancellationToken);
            return pack;
        }
        finally
        {
            if (pack is null) place.Dispose();
        }

        Task Receive(Memory<byte> bytes) => InTimeAsync(
            patience => RequestBodies.ReadAsync(context, bytes, patience), cancellationToken);
    }

    public void Dispose() => _disk.Dispose();

    private async Task<ReceivedPack> ReceiveByFileAsync(
        HttpContext context, int length, IDisposable place, CancellationToken cancellationToken)
    {
        using var room = await _disk.ReserveAsync(length, cancellationToken);
        await using var file = Create();
        await InTimeAsync(
            patience => RequestBodies.ReadAsync(context, file.SafeFileHandle, length, patience), cancellationToken);
        var lease = await limits.UploadMemory.ReserveAsync(length, cancellationToken);
        return await FillAsync(
            new ReceivedPack(length, lease, place), bytes => ReadAgainAsync(file, bytes, cancellationToken),
            cancellationToken);
    }

    private static async Task<ReceivedPack> FillAsync(
        ReceivedPack pack, Func<Memory<byte>, Task> fill, CancellationToken cancellationToken)
    {
        try
        {
            cancellationToken.ThrowIfCancellationRequested();
            await fill(pack.Bytes);
            return pack;
        }
        catch
        {
            pack.Dispose();
            throw;
        }
    }

    private static async Task ReadAgainAsync(
        FileStream file, Memory<byte> destination, CancellationToken cancellationToken)
    {
        for (var filled = 0; filled < destination.Length;)
        {
            var count = await RandomAccess.ReadAsync(
                file.SafeFileHandle, destination[filled..], filled, cancellationToken);
            if (count == 0)
                throw new IOException($"Of an upload of {destination.Length} bytes only {filled} can be read again.");
            filled += count;
        }
    }

    private async Task InTimeAsync(Func<CancellationToken, Task> receive, CancellationToken cancellationToken)
    {
        using var patience = new CancellationTokenSource(options.UploadTimeMax, time);
        using var both = CancellationTokenSource.CreateLinkedTokenSource(patience.Token, cancellationToken);
        try
        {
            await receive(both.Token);
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            throw RequestBodies.Ended($"The body did not come in within {options.UploadTimeMax.TotalMinutes:F0} min.");
        }
    }

    private FileStream Create()
    {
        var path = Path.Combine(
            options.UploadFolder, "upload-" + RandomNumberGenerator.GetHexString(16, lowercase: true));
        var create = new FileStreamOptions
        {
            Mode = FileMode.CreateNew, Access = FileAccess.ReadWrite, Share = FileShare.Delete, BufferSize = 0,
            Options = FileOptions.DeleteOnClose,
        };
        if (!OperatingSystem.IsWindows()) create.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
        var file = new FileStream(path, create);

        // Without a name it goes with the process, however that ends. Windows keeps the name to the close.
        if (!OperatingSystem.IsWindows()) File.Delete(path);
        return file;
    }
}

/// <summary>A pack in memory, with the memory and the device's place that it takes.</summary>
internal sealed class ReceivedPack(int length, IDisposable lease, IDisposable place) : IDisposable
{
    private readonly byte[] _buffer = ArrayPool<byte>.Shared.Rent(length);

    internal Memory<byte> Bytes => _buffer.AsMemory(0, length);

    public void Dispose()
    {
        ArrayPool<byte>.Shared.Return(_buffer);
        lease.Dispose();
        place.Dispose();
    }
}
