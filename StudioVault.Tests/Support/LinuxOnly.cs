// StudioVault is developed and run on Linux: the tests start PostgreSQL as a private process there.
[assembly: System.Runtime.Versioning.SupportedOSPlatform("linux")]
