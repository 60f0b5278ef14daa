// StudioVault is developed and run on Linux: these tests start it with a private PostgreSQL there.
[assembly: System.Runtime.Versioning.SupportedOSPlatform("linux")]
