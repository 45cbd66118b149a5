using System.Buffers;
using System.Security.Cryptography;
using System.Text;
using Beffroi.Vault.Crypto;

namespace Beffroi.Vault.Tests.Crypto;

public class Sha256BatchTests
{
    /// <summary>One case per way of hashing, named by its lanes; a processor may lack some.</summary>
    public static TheoryData<int> AllLanes => [1, 8, 16];

    /// <summary>The examples of FIPS 180-2, appendix B, and the empty message.</summary>
    public static TheoryData<int, string, int, string> PublishedVectors
    {
        get
        {
            (string Text, int Times, string Digest)[] vectors =
            [
                ("", 1, "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"),
                ("abc", 1, "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"),
                ("abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq", 1,
                    "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1"),
                ("abcdefghbcdefghicdefghijdefghijkefghijklfghijklmghijklmnhijklmnoijklmnopjklmnopqklmnopqrlmnopqrs"
                    + "mnopqrstnopqrstu", 1, "cf5b16a778af8380036ce59e7b0492370b249b11e8f07a51afac45037afee9d1"),
                ("a", 1_000_000, "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0"),
            ];
            var data = new TheoryData<int, string, int, string>();
            foreach (var lanes in AllLanes)
                foreach (var (text, times, digest) in vectors) data.Add(lanes.Data, text, times, digest);
            return data;
        }
    }

    [Theory]
    [MemberData(nameof(PublishedVectors))]
    public void Published_vectors_come_out_in_every_lane(int lanes, string text, int times, string digest)
    {
        var path = PathOrSkip(lanes);
        var content = Encoding.ASCII.GetBytes(string.Concat(Enumerable.Repeat(text, times)));
        var messages = Enumerable.Range(0, 9).Select(i => Split(content, content.Length * i / 8)).ToArray();

        Assert.All(Hash(messages, path), actual => Assert.Equal(Digest256.Parse(digest), actual));
    }

    [Theory]
    [MemberData(nameof(AllLanes))]
    public void Every_short_length_and_split_agrees_with_the_platform(int lanes)
    {
        var path = PathOrSkip(lanes);
        var content = RandomBytes(new Random(1), 300);
        int[] splits = [0, 1, 8, 54, 55, 56, 57, 63, 64, 65, 119, 120, 127, 128, 129, 192, 256, 299, 300];
        var everything = new List<Sha256Message>();
        for (var length = 0; length <= content.Length; length++)
        {
            var message = content.AsMemory(0, length);
            Sha256Message[] sameLength =
                [.. splits.Where(at => at <= length).Append(length).Select(at => Split(message, at))];
            AssertAgreesWithPlatform(sameLength, path);
            everything.AddRange(sameLength);
        }
        AssertAgreesWithPlatform([.. everything], path);
    }

    /// <summary>Around the multiples of a lane's buffer, a message is read in one way or another.</summary>
    [Theory]
    [MemberData(nameof(AllLanes))]
    public void Lengths_around_the_buffer_agree_with_the_platform(int lanes)
    {
        var path = PathOrSkip(lanes);
        var content = RandomBytes(new Random(2), 8 * Sha256Workspace.StageBytes);
        foreach (var prefix in new[] { 0, 50, 1014, 1015, 1016, 1023, 1024, 1025, 2048, 4000 })
        {
            var messages = new List<Sha256Message>();
            for (var buffers = 1; buffers <= 3; buffers++)
            {
                for (var around = -66; around <= 66; around++)
                {
                    var body = buffers * Sha256Workspace.StageBytes + around;
                    messages.Add(Split(content.AsMemory(0, prefix + body), prefix));
                }
            }
            AssertAgreesWithPlatform([.. messages], path);
        }
    }

    [Theory]
    [MemberData(nameof(AllLanes))]
    public void Random_mixes_agree_with_the_platform(int lanes)
    {
        var path = PathOrSkip(lanes);
        for (var seed = 0; seed < 12; seed++)
        {
            var random = new Random(seed);
            var content = RandomBytes(random, 205_000);
            // The mixes that matter have a few long messages among many short ones: a random power gives them.
            var count = random.Next(1, 41);
            AssertAgreesWithPlatform([.. Enumerable.Range(0, count).Select(_ => RandomMessage(random, content))], path);
        }
    }

    [Fact]
    public void Nothing_to_hash_is_nothing_done() => Sha256Batch.HashMany([], []);

    [Fact]
    public void The_public_method_agrees_with_the_platform()
    {
        var content = RandomBytes(new Random(3), 100_000);
        Sha256Message[] messages =
            [.. Enumerable.Range(0, 40).Select(i => Split(content.AsMemory(0, i * 2500), i * 60))];
        var digests = new Digest256[messages.Length];

        Sha256Batch.HashMany(messages, digests);

        Assert.Equal(messages.Select(OfPlatform), digests);
    }

    [Fact]
    public void The_preferred_lanes_are_those_of_a_path_that_this_processor_has() =>
        Assert.True(Sha256Batch.IsSupported(PathOf(Sha256Batch.LanesPreferred)));

    [Theory]
    [InlineData(2, 1)]
    [InlineData(1, 2)]
    [InlineData(0, 1)]
    public void As_many_digests_as_messages_are_asked_for(int messageCount, int digestCount) =>
        Assert.Throws<ArgumentException>(
            () => Sha256Batch.HashMany(new Sha256Message[messageCount], new Digest256[digestCount]));

    [Fact]
    public void Many_threads_may_hash_at_once()
    {
        var content = RandomBytes(new Random(4), 20_000);
        Sha256Message[] messages =
            [.. Enumerable.Range(0, 33).Select(i => Split(content.AsMemory(0, i * 600), i * 30))];
        var expected = messages.Select(OfPlatform).ToArray();

        Parallel.For(0, 200, _ =>
        {
            var digests = new Digest256[messages.Length];
            Sha256Batch.HashMany(messages, digests);
            Assert.Equal(expected, digests);
        });
    }

    [Theory]
    [MemberData(nameof(AllLanes))]
    public void Bodies_are_released_after_the_call(int lanes)
    {
        var path = PathOrSkip(lanes);
        using var memory = new PinCountingMemory(RandomBytes(new Random(5), 50_000));
        Sha256Message[] messages =
            [.. Enumerable.Range(0, 25).Select(i => new Sha256Message(new byte[i], memory.Memory[..(i * 2000)]))];

        AssertAgreesWithPlatform(messages, path);

        Assert.Equal(0, memory.Pins);
    }

    [Theory]
    [InlineData(8)] // Not 1: the platform's hash reads spans and pins no memory of ours.
    [InlineData(16)]
    public void Bodies_are_released_when_one_cannot_be_pinned(int lanes)
    {
        var path = PathOrSkip(lanes);
        using var memory = new PinCountingMemory(RandomBytes(new Random(6), 50_000));
        using var lost = new PinCountingMemory(new byte[20_000]) { RefusesToPin = true };
        Sha256Message[] messages =
            [.. Enumerable.Repeat(memory.Memory, 12).Append(lost.Memory).Select(body => new Sha256Message(null, body))];

        Assert.Throws<ObjectDisposedException>(() => Hash(messages, path));

        Assert.Equal(0, memory.Pins);
    }

    [Fact]
    public void Equal_messages_share_the_lanes_and_a_lone_one_does_not()
    {
        Assert.Equal(1, Sha256Batch.CountAlone([1000], Sha256Path.Avx512));
        Assert.Equal(1, Sha256Batch.CountAlone([1000], Sha256Path.Avx2));
        Assert.Equal(0, Sha256Batch.CountAlone([1000, 1000, 1000], Sha256Path.Avx512));
        Assert.Equal(0, Sha256Batch.CountAlone([1000, 1000, 1000], Sha256Path.Avx2));
        Assert.Equal(3, Sha256Batch.CountAlone([1000, 1000, 1000], Sha256Path.OneByOne));
    }

    [Fact]
    public void A_message_far_longer_than_the_others_is_hashed_alone()
    {
        long[] oneGiant = [100_000, .. Enumerable.Repeat(500L, 15)];
        long[] slightlyUneven = [1_300, .. Enumerable.Repeat(1_000L, 15)];

        Assert.Equal(1, Sha256Batch.CountAlone(oneGiant, Sha256Path.Avx512));
        Assert.Equal(1, Sha256Batch.CountAlone(oneGiant, Sha256Path.Avx2));
        Assert.Equal(0, Sha256Batch.CountAlone(slightlyUneven, Sha256Path.Avx512));
        Assert.Equal(0, Sha256Batch.CountAlone(slightlyUneven, Sha256Path.Avx2));
    }

    private static Sha256Path PathOf(int lanes) => lanes switch
    {
        16 => Sha256Path.Avx512,
        8 => Sha256Path.Avx2,
        _ => Sha256Path.OneByOne,
    };

    private static Sha256Path PathOrSkip(int lanes)
    {
        var path = PathOf(lanes);
        Assert.SkipUnless(Sha256Batch.IsSupported(path), $"Not run: this processor or runtime lacks {path}.");
        return path;
    }

    private static Digest256[] Hash(Sha256Message[] messages, Sha256Path path)
    {
        var digests = new Digest256[messages.Length];
        Sha256Batch.HashMany(messages, digests, path);
        return digests;
    }

    private static void AssertAgreesWithPlatform(Sha256Message[] messages, Sha256Path path) =>
        Assert.Equal(messages.Select(OfPlatform), Hash(messages, path));

    private static Digest256 OfPlatform(Sha256Message message) =>
        new(SHA256.HashData([.. message.Prefix.Span, .. message.Body.Span]));

    private static Sha256Message Split(ReadOnlyMemory<byte> content, int at) => new(content[..at], content[at..]);

    private static Sha256Message RandomMessage(Random random, byte[] content)
    {
        var prefix = random.Next(0, 5_001);
        var body = (int)(200_000 * Math.Pow(random.NextDouble(), random.Next(1, 6)));
        return new(content.AsMemory(random.Next(0, 100), prefix), content.AsMemory(random.Next(0, 5_000), body));
    }

    private static byte[] RandomBytes(Random random, int count)
    {
        var bytes = new byte[count];
        random.NextBytes(bytes);
        return bytes;
    }

    /// <summary>Memory that counts how often it is pinned more than released.</summary>
    private sealed class PinCountingMemory(byte[] content) : MemoryManager<byte>
    {
        internal int Pins { get; private set; }

        internal bool RefusesToPin { get; init; }

        public override Span<byte> GetSpan() => content;

        public override MemoryHandle Pin(int elementIndex = 0)
        {
            ObjectDisposedException.ThrowIf(RefusesToPin, this);
            Pins++;
            var handle = content.AsMemory(elementIndex).Pin();
            unsafe
            {
                return new MemoryHandle(handle.Pointer, pinnable: new Release(this, handle));
            }
        }

        public override void Unpin() => Pins--;

        protected override void Dispose(bool disposing)
        {
        }

        private sealed class Release(PinCountingMemory owner, MemoryHandle handle) : IPinnable
        {
            public MemoryHandle Pin(int elementIndex) => owner.Pin(elementIndex);

            public void Unpin()
            {
                handle.Dispose();
                owner.Unpin();
            }
        }
    }
}
