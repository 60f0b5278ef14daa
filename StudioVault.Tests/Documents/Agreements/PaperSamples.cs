using StudioVault.Domain.Agreements;
using StudioVault.Domain.Packages;
using StudioVault.Tests.Agreements;
using StudioVault.Web.Documents.Agreements;

namespace StudioVault.Tests.Documents.Agreements;

/// <summary>Papers of every kind, with names and words that are hard on a page.</summary>
internal static class PaperSamples
{
    public const string Site = "https://vault.northlight.example";
    public static readonly DateTimeOffset Signed = new(2026, 11, 21, 14, 2, 11, TimeSpan.Zero);

    /// <summary>Five scripts, long names, a minor, and a clause that tries to get out.</summary>
    public static AgreementContent Everybody { get; } = AgreementSamples.Sousa with
    {
        Number = "WAW-2026-0117",
        Studio = new("Northlight Warszawa · Fotografia ślubna i rodzinna", "ul. Krakowskie Przedmieście 46/48 m. 12, 00-325 Warszawa, województwo mazowieckie", "warszawa@northlight.example", "PL", "Europe/Warsaw"),
        Event = AgreementSamples.Sousa.Event with { Title = "Ślub Małgorzaty Brzęczyszczykiewicz-Grzegżółki i נועם בן־ארי", Venue = "Zamek Królewski na Wawelu, Sala Senatorska, Kraków", Lead = "Łucja Źdźbło" },
        Parties =
        [
            new("malgorzata", PartyRole.Client, "Małgorzata Brzęczyszczykiewicz-Grzegżółka von und zu Hohenstein-Schwarzenberg", "malgorzata.brzeczyszczykiewicz-grzegzolka@bardzo-dluga-nazwa-domeny.example", false, ""),
            new("noam", PartyRole.Client, "נועם בן־ארי", "noam@example.org", false, ""),
            new("yuki", PartyRole.Client, "山田 太郎", "yamada@example.jp", true, ""),
            new("hanako", PartyRole.Guardian, "山田 花子", "hanako@example.jp", false, "yuki"),
            new("payer", PartyRole.Payer, "شركة النور للإنتاج الفني", "pay@example.org", false, ""),
        ],
        Currency = "PLN",
        Items =
        [
            new("coverage", "Reportaż ślubny od przygotowań do oczepin, dwóch fotografów", ItemKind.Coverage, 1, 14500, [new("edited", "Zdjęcia po obróbce", 450, "JPEG"), new("prints", "Odbitki", 30, "15 × 21 cm")]),
            new("hours", "Dodatkowa godzina", ItemKind.Session, 2.5m, 780.40m, []),
            new("album", "Lniany album", ItemKind.Product, 3, 1204, []),
        ],
        Tax = new("VAT", 23, false),
        Schedule = [new("booking", "Zadatek", 5000, InstalmentDue.Booking, 7, null), new("second", "Druga rata", 10000, InstalmentDue.DaysBeforeEvent, 30, null), new("balance", "Reszta", 9677.49m, InstalmentDue.Delivery, 0, new DateOnly(2027, 9, 1))],
        Withdrawal = new(WithdrawalRegime.Eligible, 14, "A contract made at a distance (Directive 2011/83/EU, Article 9)."),
        Clauses =
        [
            new("rescheduling", "Zmiana terminu", "Nowy termin ustala się **na piśmie**.\n\n1. Zgłoszenie najpóźniej *30 dni* wcześniej.\n2. Potem:\n   a. połowa zadatku przepada;\n   b. reszta przechodzi na nowy termin."),
            new("hebrew", "ביטול", "ניתן לבטל את ההסכם **בכתב** עד 30 יום לפני האירוע (€100.00).\n\n- לאחר מכן הפיקדון אינו מוחזר."),
            new("arabic", "حقوق الصور", "تُستخدم الصور للأغراض الخاصة فقط، ولا يجوز بيعها."),
            new("japanese", "納品", "編集済みの写真は、撮影日から四十二日以内に納品します。"),
            new("hostile", "<script>alert(1)</script>", "<script>document.title='x'</script><img src=x onerror=alert(1)> </div></section> [press](javascript:alert(1)) ![pixel](https://example.org/p.png)"),
            new("datenschutz", "Datenschutzgrundverordnungskonformitätserklärung", "Rindfleischetikettierungsüberwachungsaufgabenübertragungsgesetz. | no table |\n\n| Zweck | Frist |\n| --- | --: |\n| Abrechnung | 10 Jahre |\n| Bilder | 365 Tage |"),
        ],
        Policies = [new("privacy", "Privacy", "3"), new("galleries", "Galleries and backups", "2026-05-12")],
    };

    public static IReadOnlyList<PaperSignature> SignaturesOf(AgreementContent content) =>
        [.. content.Parties.Where(p => p.Signs).Select((p, i) => new PaperSignature(p.Id, p.Name, Signed.AddHours(i).AddSeconds(7 * i)))];

    /// <summary>Hours, then a new day out of the order of its effect, then everything else at once.</summary>
    public static AgreementChain Sousa(int amendments = 2)
    {
        var chain = new AgreementChain(AgreementSamples.Sousa);
        foreach (var next in Enumerable.Range(0, amendments).Select(i => (Func<AgreementChain, AmendmentContent>)(i == 0 ? Longer : Earlier))) chain.Append(next(chain));
        return chain;
    }

    /// <summary>Ten hours, dearer, from March on.</summary>
    public static AmendmentContent Longer(AgreementChain chain)
    {
        var on = new DateOnly(2027, 3, 1);
        var now = AgreementContent.From(chain.On(on).Content).Value;
        AgreementItem[] lines = [.. now.Items.Select(i => i.Id == "coverage" ? i with { Title = "Ten hours of coverage", UnitPrice = 1690 } : i), new("prints", "Fine art prints", ItemKind.Product, 2, 45, [new("print", "Print", 20, "A4, cotton")])];
        return AgreementSamples.Amend(chain, AmendmentKind.Hours, on,
        [
            .. Amendments.Hours(now, 10, lines),
            .. Amendments.PaymentPlan(now, [now.Schedule[0], now.Schedule[1] with { Amount = 1709 }]),
            .. Amendments.Clauses(now, [now.Clauses[0] with { Body = "A new date is agreed in writing, at least thirty days ahead." }, new("drone", "Drone", "Flights only where the law allows them.\n\n1. The pilot is insured.\n2. Rain cancels a flight, not the day.")]),
        ]) with
        { Reason = "The party goes on until midnight; agreed on the phone with Marta on 19 November." };
    }

    /// <summary>Signed after <see cref="Longer"/> and in force before it.</summary>
    public static AmendmentContent Earlier(AgreementChain chain)
    {
        var on = new DateOnly(2027, 1, 15);
        var now = AgreementContent.From(chain.On(on).Content).Value;
        var operations = Amendments.Reschedule(now, new DateOnly(2027, 7, 3), "15:30", "Casa da Música, Porto", null).Concat(Amendments.UsageLicence(now, "For private use, and for the studio’s own portfolio.")).Concat(Amendments.Clauses(now, [now.Clauses[0] with { Body = "A new date is agreed in writing; one change is free." }, now.Clauses[1]])).ToList();
        return AgreementSamples.Amend(chain, AmendmentKind.Reschedule, on, operations, PriceBasis.Original, [.. chain.Overtaken(on, operations).Select(o => (o.Version, Precedence.LaterStands))]);
    }

    public static IReadOnlyList<PaperSource> Sources(AgreementChain chain) =>
    [
        new(1, null, null, Signed, ["Marta Sousa", "João Reis"], chain.First.Hash()),
        .. chain.Amendments.Select(a => new PaperSource(a.Version, a.Kind, a.EffectiveOn, Signed.AddDays(7 * a.Version), ["Marta Sousa", "João Reis"], a.Hash())),
    ];

    public static Certificate Certificate(AgreementContent content) => new(
        new(content.Studio.Name, content.Studio.Country, $"Certificate of agreement {content.Number}, version 1", content.Hash(), Site),
        AgreementWords.Name(content.Number, 1), content.Event.Title, content.Studio.TimeZone, Signed.AddHours(5), new string('d', 64), "2026-05",
        "You may ask for paper copies at any time, free of charge.\n\nYou may take back your consent to electronic signing before you sign. What you have signed stays valid.\n\nTo read and keep the documents you need a program that shows PDF files.",
        [new("agreement.pdf", 184_220, new string('b', 64)), new("agreement-review.pdf", 181_004, new string('c', 64))],
        [.. content.Parties.Where(p => p.Signs).Select((p, i) => new SignatoryEvidence(p.Name, p.Name, AgreementWords.Role(p, content.Parties), $"{p.Email[0]}•••@{p.Email.Split('@')[1]}", Signed.AddHours(i).AddMinutes(-9), i == 1 ? null : Signed.AddHours(i).AddMinutes(-2),
            Signed.AddHours(i), "I have read the agreement shown to me and sign it with my name.", new string('c', 64), "en-GB", "Phone, Safari", new string('e', 64)))]);

    public static WithdrawalReceipt Withdrawal(AgreementContent content) => new(
        new(content.Studio.Name, content.Studio.Country, AgreementWords.Name(content.Number, 1), content.Hash(), Site), "W-2026-0009", content.Event.Title, content.Studio.TimeZone,
        [content.Studio.Address, content.Studio.Email], content.Parties[0].Name, "I withdraw from the agreement.\nPlease send the deposit back to the account it came from.", "m•••@sousa.example", Signed, new DateOnly(2026, 12, 5), Signed.AddDays(3),
        new string('f', 64));

    public static ImageRelease Release(AgreementContent content) => new(
        new(content.Studio.Name, content.Studio.Country, $"Image release {content.Number}-R1", new string('9', 64), Site), content.Studio.TimeZone, "Inês Sousa", "Marta Sousa", content.Event.Title,
        [
            new("Portfolio on the studio’s website", true, null),
            new("Social media of the studio", true, new DateOnly(2028, 6, 12)),
            new("Printed advertising", false, null),
            new("Training of machine learning models", false, null),
        ],
        "Names are not shown. Pictures are not altered in a way that changes their sense.", $"{Site}/c/kJ3f9aQ2mZ", new("ines", "Marta Sousa", Signed));
}
