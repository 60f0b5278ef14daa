using StudioVault.Bench;

// Ratios beside a bare baseline, both measured in the same run, on the same server, in turns. No test asserts a time.
if (args is [BareHub.Verb])
{
    await BareHub.ServeAsync();
    return 0;
}

var wanted = args.Where(a => !a.StartsWith('-')).ToHashSet();
var quick = args.Contains("--quick");
(string Name, Func<bool, Task<IReadOnlyList<Measure>>> Run)[] all =
[
    ("merge", MergeAndReview.RunAsync),
    ("visible", CommitToVisible.RunAsync),
    ("commits", AuditedCommits.RunAsync),
    ("approvals", Approvals.RunAsync),
    ("push", HubPush.RunAsync),
    ("publish", PublishToMany.RunAsync),
    ("page", FirstLoad.RunAsync),
    ("browser", InTheBrowser.RunAsync),
    ("documents", Documents.RunAsync),
    ("pack", Proofs.PackAsync),
    ("fold", Proofs.FoldAsync),
    ("audit", AuditMillion.RunAsync),
];
if (wanted.Except(all.Select(b => b.Name)).ToList() is { Count: > 0 } unknown)
{
    Console.Error.WriteLine($"No benchmark is called {string.Join(", ", unknown)}; there are {string.Join(", ", all.Select(b => b.Name))}.");
    return 2;
}

var load = Report.Load();
Console.WriteLine($"StudioVault benchmarks on {Environment.ProcessorCount} cores, load {load:0.0} before{(quick ? ", quick" : "")}");
var measures = new List<Measure>();
foreach (var (name, run) in all.Where(b => wanted.Count == 0 || wanted.Contains(b.Name)))
{
    Console.WriteLine($"  {name} …");
    measures.AddRange(await run(quick));
}

Report.Print(measures);
Console.WriteLine($"\nWritten to {Report.Save(measures, load, quick)}");
var missed = measures.Count(m => !m.Met);
Console.WriteLine(missed == 0 ? "Every bar was met." : $"{missed} of {measures.Count} bars were missed.");
return missed == 0 ? 0 : 1;
