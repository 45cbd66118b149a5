using System.Runtime.Versioning;

[assembly: AssemblyFixture(typeof(TestCluster))]
[assembly: UnsupportedOSPlatform("windows")] // The server's private PostgreSQL and the modes of its files are Unix's.
