using System.Runtime.Versioning;
using System.Security.Cryptography;
using System.Text;
using Beffroi.Agent.Configuration;
using Beffroi.Vault;
using Beffroi.Vault.Records;

namespace Beffroi.Agent.Tests.Configuration;

public sealed class EnrolmentFileTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();
    private readonly AgentHome _home;

    public EnrolmentFileTests() => _home = new AgentHome(_folder.File("config"), _folder.File("state"));

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void An_enrolment_comes_back()
    {
        var sealedToOne = Sample() with
        {
            Mode = EnrolmentMode.ZeroKnowledge,
            KeyServicePublicKey = null,
            AuthorityPem = null,
        };
        foreach (var enrolment in (Enrolment[])[Sample(), sealedToOne])
        {
            EnrolmentFile.Save(_home, enrolment);
            Assert.True(EnrolmentFile.Exists(_home));
            AssertSame(enrolment, EnrolmentFile.Load(_home));
        }
    }

    [Fact]
    public void Without_a_file_the_computer_is_not_enrolled()
    {
        Assert.Equal(ErrorCode.NotEnrolled, Assert.Throws<VaultException>(() => EnrolmentFile.Load(_home)).Code);
        EnrolmentFile.Delete(_home);
        EnrolmentFile.Save(_home, Sample());
        EnrolmentFile.Delete(_home);
        Assert.False(EnrolmentFile.Exists(_home));
        Assert.Equal(ErrorCode.NotEnrolled, Assert.Throws<VaultException>(() => EnrolmentFile.Load(_home)).Code);
    }

    [Fact]
    public void A_truncated_file_is_damaged_at_every_length()
    {
        EnrolmentFile.Save(_home, Sample());
        var whole = File.ReadAllBytes(_home.EnrolmentFile);
        for (var length = 0; length < whole.Length - 1; length += 7) AssertDamaged(whole[..length]);
    }

    [Fact]
    public void No_changed_character_gives_other_keys_or_ids()
    {
        var enrolment = Sample();
        EnrolmentFile.Save(_home, enrolment);
        var whole = File.ReadAllBytes(_home.EnrolmentFile);
        var random = new Random(51);
        var damaged = 0;
        for (var round = 0; round < 600; round++)
        {
            var changed = whole.ToArray();
            changed[random.Next(changed.Length)] = (byte)random.Next(32, 127);
            File.WriteAllBytes(_home.EnrolmentFile, changed);
            try
            {
                var loaded = EnrolmentFile.Load(_home);
                var editable = enrolment with
                {
                    Server = loaded.Server,
                    DeviceName = loaded.DeviceName,
                    MemberName = loaded.MemberName,
                    AuthorityPem = loaded.AuthorityPem,
                };
                AssertSame(editable, loaded);
            }
            catch (VaultException failure)
            {
                Assert.Equal(ErrorCode.ConfigurationDamaged, failure.Code);
                damaged++;
            }
        }
        Assert.InRange(damaged, 300, 599);
    }

    [Fact]
    public void A_damaged_file_says_which_and_what_to_do()
    {
        EnrolmentFile.Save(_home, Sample());
        var failure = AssertDamaged("{}"u8.ToArray());
        Assert.Contains(_home.EnrolmentFile, failure.Message, StringComparison.Ordinal);
        Assert.Contains("beffroi enroll", failure.Message, StringComparison.Ordinal);
        Assert.False(failure.IsRetryable);
    }

    [Fact]
    public void A_person_may_move_the_server()
    {
        EnrolmentFile.Save(_home, Sample());
        var text = File.ReadAllText(_home.EnrolmentFile)
            .Replace("https://sauvegarde.example/", "https://autre.example:8443/", StringComparison.Ordinal);
        File.WriteAllText(_home.EnrolmentFile, text);
        Assert.Equal(new Uri("https://autre.example:8443/"), EnrolmentFile.Load(_home).Server);
    }

    [Fact]
    public void Wrong_values_are_refused_before_they_are_written()
    {
        Enrolment[] wrong =
        [
            Sample() with { RecoveryPublicKey = new byte[64] },
            Sample() with { KeyServicePublicKey = null },
            Sample() with { Mode = EnrolmentMode.ZeroKnowledge },
            Sample() with { SealPrivateScalar = [] },
            Sample() with { SigningKey = [] },
            Sample() with { ServerPublicKey = new byte[64] },
            Sample() with { Server = new Uri("ftp://sauvegarde.example/") },
        ];
        foreach (var enrolment in wrong) Assert.Throws<ArgumentException>(() => EnrolmentFile.Save(_home, enrolment));
        Assert.False(EnrolmentFile.Exists(_home));
    }

    [Fact]
    public void A_later_version_is_refused()
    {
        EnrolmentFile.Save(_home, Sample());
        var text = File.ReadAllText(_home.EnrolmentFile)
            .Replace("\"version\": 1", "\"version\": 2", StringComparison.Ordinal);
        Assert.Contains("version 2", AssertDamaged(Encoding.UTF8.GetBytes(text)).Message, StringComparison.Ordinal);
    }

    [Fact, UnsupportedOSPlatform("windows")]
    public void Only_the_owner_can_read_the_file_and_no_temporary_one_stays()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "Windows has no mode bits.");
        _home.CreateFolders();
        File.WriteAllText(_home.EnrolmentFile + ".new", "left by a writer that was killed, open to all");
        File.SetUnixFileMode(_home.EnrolmentFile + ".new", (UnixFileMode)0b110_110_110);

        EnrolmentFile.Save(_home, Sample());

        Assert.Equal([_home.EnrolmentFile], Directory.GetFiles(_home.ConfigurationFolder));
        Assert.Equal((UnixFileMode)0b110_000_000, File.GetUnixFileMode(_home.EnrolmentFile));
    }

    [Fact]
    public void Nothing_secret_reaches_a_log()
    {
        var enrolment = Sample();
        var text = enrolment.ToString() + enrolment.MachineSecret;
        byte[][] secrets = [enrolment.SigningKey, enrolment.SealPrivateScalar, enrolment.MachineSecret.Export()];
        foreach (var secret in secrets)
        {
            Assert.DoesNotContain(Convert.ToBase64String(secret), text, StringComparison.Ordinal);
            Assert.DoesNotContain("Byte[]", text, StringComparison.Ordinal);
        }
        Assert.Contains(enrolment.Device.ToString(), text, StringComparison.Ordinal);
    }

    private VaultException AssertDamaged(byte[] content)
    {
        File.WriteAllBytes(_home.EnrolmentFile, content);
        var failure = Assert.Throws<VaultException>(() => EnrolmentFile.Load(_home));
        Assert.Equal(ErrorCode.ConfigurationDamaged, failure.Code);
        return failure;
    }

    private static void AssertSame(Enrolment expected, Enrolment actual)
    {
        Assert.Equal(
            (expected.Server, expected.AuthorityPem, expected.Vault, expected.Device, expected.DeviceName),
            (actual.Server, actual.AuthorityPem, actual.Vault, actual.Device, actual.DeviceName));
        Assert.Equal((expected.Mode, expected.Chunker), (actual.Mode, actual.Chunker));
        Assert.Equal(expected.SigningKey, actual.SigningKey);
        Assert.Equal(expected.SealPrivateScalar, actual.SealPrivateScalar);
        Assert.Equal(expected.MachineSecret.Id, actual.MachineSecret.Id);
        Assert.Equal(expected.GroupSecret.Id, actual.GroupSecret.Id);
        Assert.Equal(expected.MachineSecret.Export(), actual.MachineSecret.Export());
        Assert.Equal(expected.GroupSecret.Export(), actual.GroupSecret.Export());
        Assert.Equal(expected.RecoveryPublicKey, actual.RecoveryPublicKey);
        Assert.Equal(expected.KeyServicePublicKey, actual.KeyServicePublicKey);
    }

    private static ConvergenceSecret Secret() => ConvergenceSecret.Generate();

    private static Enrolment Sample()
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        return new Enrolment
        {
            Server = new Uri("https://sauvegarde.example/"),
            AuthorityPem = "-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----\n",
            Vault = VaultId.New(),
            Device = DeviceId.New(),
            DeviceName = "poste d'état civil",
            MemberName = "Mairie de Saint-Élophe",
            Mode = EnrolmentMode.Managed,
            SigningKey = key.ExportPkcs8PrivateKey(),
            SealPrivateScalar = RandomNumberGenerator.GetBytes(Enrolment.PrivateScalarBytes),
            MachineSecret = Secret(),
            GroupSecret = Secret(),
            RecoveryPublicKey = RandomNumberGenerator.GetBytes(Enrolment.PublicKeyBytes),
            KeyServicePublicKey = RandomNumberGenerator.GetBytes(Enrolment.PublicKeyBytes),
            ServerPublicKey = RandomNumberGenerator.GetBytes(Enrolment.PublicKeyBytes),
            Chunker = 1,
        };
    }
}
