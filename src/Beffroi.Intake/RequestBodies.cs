using System.Buffers;
using System.IO.Pipelines;
using Beffroi.Intake.Failures;
using Beffroi.Vault;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.Win32.SafeHandles;

namespace Beffroi.Intake;

/// <summary>Reads binary bodies whose length is known beforehand.</summary>
internal static class RequestBodies
{
    // The longest body that any verb takes.
    private const int BytesMax = 32 << 20;

    /// <summary>The announced length.</summary>
    /// <exception cref="Refusal">411 without one; 400 when it is out of bounds.</exception>
    internal static int DemandLength(HttpRequest request, int bytesMin, int bytesMax)
    {
        if (request.ContentLength is not { } length)
            throw Refusal.Malformed("This request needs a Content-Length.", StatusCodes.Status411LengthRequired);

        return length >= bytesMin && length <= bytesMax
            ? (int)length
            : throw Refusal.Malformed($"The body has {length} bytes, not {bytesMin} to {bytesMax}.");
    }

    /// <summary>Lets the rest of a body come in before an answer that did not need it: a client that is still sending
    /// would see a broken connection instead of the answer, and send it all again. One that asked first (Expect:
    /// 100-continue) has not begun to send.</summary>
    internal static async Task DrainAsync(HttpContext context)
    {
        var request = context.Request;
        if (request.ContentLength is null or 0 or > BytesMax || request.Headers.Expect.Count > 0) return;

        Allow(context, request.ContentLength.Value);
        await request.Body.CopyToAsync(Stream.Null, context.RequestAborted);
    }

    /// <summary>Fills <paramref name="destination"/> with the body, which has exactly that length.</summary>
    /// <exception cref="BadHttpRequestException">408: the connection ended before, or it is too slow.</exception>
    internal static Task ReadAsync(
        HttpContext context, Memory<byte> destination, CancellationToken cancellationToken)
    {
        return ReadAsync(context, destination.Length, Keep, cancellationToken);

        ValueTask Keep(ReadOnlySequence<byte> part, int offset)
        {
            part.CopyTo(destination.Span[offset..]);
            return ValueTask.CompletedTask;
        }
    }

    /// <summary>Writes the body, which has exactly <paramref name="length"/> bytes, to a file.</summary>
    /// <exception cref="BadHttpRequestException">408: the connection ended before, or it is too slow.</exception>
    internal static Task ReadAsync(
        HttpContext context, SafeFileHandle file, int length, CancellationToken cancellationToken)
    {
        return ReadAsync(context, length, WriteAsync, cancellationToken);

        ValueTask WriteAsync(ReadOnlySequence<byte> part, int offset)
        {
            List<ReadOnlyMemory<byte>> segments = [];
            foreach (var segment in part) segments.Add(segment);
            return RandomAccess.WriteAsync(file, segments, offset, cancellationToken);
        }
    }

    private static async Task ReadAsync(
        HttpContext context, int length, Func<ReadOnlySequence<byte>, int, ValueTask> take,
        CancellationToken cancellationToken)
    {
        Allow(context, length);
        var filled = 0;
        while (filled < length)
        {
            var result = await ReadPartAsync(context.Request, cancellationToken);
            var part = result.Buffer.Slice(0, Math.Min(result.Buffer.Length, length - filled));
            await take(part, filled);
            filled += (int)part.Length;
            context.Request.BodyReader.AdvanceTo(part.End);
            if (result.IsCompleted && filled < length)
                throw Ended($"The body ended after {filled} of {length} bytes.");
        }
    }

    private static async ValueTask<ReadResult> ReadPartAsync(HttpRequest request, CancellationToken cancellationToken)
    {
        try
        {
            return await request.BodyReader.ReadAsync(cancellationToken);
        }
        catch (BadHttpRequestException exception) when (exception.StatusCode == StatusCodes.Status400BadRequest)
        {
            // A body of a known length has no form that could be wrong: it can only end too early.
            throw Ended(exception.Message);
        }
    }

    /// <summary>The failure of a body that did not come in whole.</summary>
    internal static BadHttpRequestException Ended(string message) => new(message, StatusCodes.Status408RequestTimeout);

    /// <summary>Reads 1 to <paramref name="countMax"/> record ids.</summary>
    internal static async Task<RecordId[]> ReadIdsAsync(
        HttpContext context, int countMax, CancellationToken cancellationToken)
    {
        var length = DemandLength(context.Request, Digest256.Bytes, countMax * Digest256.Bytes);
        if (length % Digest256.Bytes != 0)
            throw Refusal.Malformed($"The body has {length} bytes, not a multiple of {Digest256.Bytes}.");

        var bytes = ArrayPool<byte>.Shared.Rent(length);
        try
        {
            await ReadAsync(context, bytes.AsMemory(0, length), cancellationToken);
            return Split(bytes.AsSpan(0, length));
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(bytes);
        }
    }

    /// <summary>Takes a body longer than a message; its length has been checked.</summary>
    private static void Allow(HttpContext context, long bytes)
    {
        if (context.Features.Get<IHttpMaxRequestBodySizeFeature>() is { IsReadOnly: false } size)
            size.MaxRequestBodySize = bytes;
    }

    private static RecordId[] Split(ReadOnlySpan<byte> bytes)
    {
        var ids = new RecordId[bytes.Length / Digest256.Bytes];
        for (var i = 0; i < ids.Length; i++)
            ids[i] = new RecordId(new Digest256(bytes.Slice(i * Digest256.Bytes, Digest256.Bytes)));
        return ids;
    }
}
