using System.Runtime.Versioning;
using Beffroi.Testing.Postgres;

[assembly: AssemblyFixture(typeof(TestCluster))]
[assembly: UnsupportedOSPlatform("windows")] // The server's private PostgreSQL is Unix's.
