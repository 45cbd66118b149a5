using System.Security.Cryptography;
using Beffroi.Intake.Limits;
using Beffroi.Vault;
using Microsoft.AspNetCore.Http;

namespace Beffroi.Intake.Packs;

/// <summary>Where packs lie while they come in: in files, so that a town hall on a slow line holds no memory that all
/// others wait for. A pack takes memory once it is whole, for as long as it is checked and stored.</summary>
/// <remarks>Nothing is flushed: what a fast line brings is read again and gone before the system has written
/// it.</remarks>
internal sealed class UploadSpool(IntakeOptions options, TimeProvider time) : IDisposable
{
    private readonly AtOnceLimit _uploads = new(options.UploadsPerDeviceMax, "uploads");

    private readonly ByteBudget _disk = new(
        options.UploadDiskBytesMax, options.UploadWait, "The server receives as many packs as it has room for.", time);

    /// <summary>Takes in the body of a request, which has exactly that length.</summary>
    /// <exception cref="BadHttpRequestException">408: it did not come in whole, or not in time.</exception>
    internal async Task<SpooledBody> ReceiveAsync(
        DeviceId device, HttpContext context, int length, CancellationToken cancellationToken)
    {
        var place = _uploads.Take(device);
        ByteBudget.Lease? lease = null;
        FileStream? file = null;
        try
        {
            lease = await _disk.ReserveAsync(length, cancellationToken);
            file = Create();
            await FillAsync(context, file, length, cancellationToken);
            return new SpooledBody(file, length, lease, place);
        }
        catch
        {
            if (file is not null) await file.DisposeAsync();
            lease?.Dispose();
            place.Dispose();
            throw;
        }
    }

    public void Dispose() => _disk.Dispose();

    private async Task FillAsync(
        HttpContext context, FileStream file, int length, CancellationToken cancellationToken)
    {
        using var patience = new CancellationTokenSource(options.UploadTimeMax, time);
        using var both = CancellationTokenSource.CreateLinkedTokenSource(patience.Token, cancellationToken);
        try
        {
            await RequestBodies.ReadAsync(context, file.SafeFileHandle, length, both.Token);
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

/// <summary>A body that has come in whole.</summary>
internal sealed class SpooledBody(FileStream file, int length, IDisposable lease, IDisposable place) : IAsyncDisposable
{
    internal int Length => length;

    /// <summary>Copies it to memory.</summary>
    internal async Task ReadAsync(Memory<byte> destination, CancellationToken cancellationToken)
    {
        for (var filled = 0; filled < length;)
        {
            var count = await RandomAccess.ReadAsync(
                file.SafeFileHandle, destination[filled..], filled, cancellationToken);
            if (count == 0) throw new IOException($"Of an upload of {length} bytes only {filled} can be read again.");
            filled += count;
        }
    }

    public async ValueTask DisposeAsync()
    {
        await file.DisposeAsync();
        lease.Dispose();
        place.Dispose();
    }
}
