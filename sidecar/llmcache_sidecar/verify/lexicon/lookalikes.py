"""Words that are one slip away from a word of the tables, and words of their own: "form", "dose".

Data alone may enter: what of the slips of the tables' words a spelling dictionary knows.
"""

from __future__ import annotations

from typing import Final

LOOKALIKES: Final = {
    "en": (
        "abby abel acer acers afr agin ahs albe amin amy arise aws bale barley bene bere "
        "beta bets boko boots bota breda brian care cares cerate chian chiel clod closets "
        "colo cots cpus crary cusp deid dorp dose eats eben elts erst fats fete form fra "
        "gary grandam greta hardset herat hied horus hwy hye ihs inst iva joni juts lats "
        "leats leda lest lien lino livre loda loin lps lsat mani mela mena mien minuet "
        "minuets mono mots moues muts mya nad nay nerol niches noe noes odes ont orad oto "
        "outre padi pairs parsi pats pera pervious potion pots prat puls quickset "
        "quite rae reest rets rion ruts sacred seme semes setal sing sliver slove "
        "sned spet spilt stael stela suer tallets tets tier tigre tis toko trie tyer "
        "usr utes veer venom vie weka wets wien won worts wroth"
    ),
    "de": (
        "altre andren andres asche bedien bessre bits boen daure diene dienen eggen erich "
        "eure floge flogen gbit genre genua hiess hiesst ide jaher kleien klon las liehen "
        "miene mienen nuten offne pries puls rechst reste resten restes schleissen seien "
        "sichre stiegen teure uberwiesen unsre verliehen verscheiden vogle warne wein "
        "ziegen"
    ),
    "fr": (
        "alpin causse combine conter douez enter ferre fiable fiat gueer huat lis liter "
        "maire miel montre noter nue omis orme pairs palit pares parsi petre pliat prete "
        "pretre prie quarte quater rein reitre rogue ruses salaire set tarin tee trios unit "
        "usr venet vetu viola voter"
    ),
    "es": (
        "anda anula apretura arzon ascar baril beuna camibar cativa cativar cativo cedro "
        "cine contar costra credo cunado curato gardo laguna lata lato lela mandra manear "
        "mensula miel parra parsi pero pro rea sabre sacra seo serna sesi seta sete seto"
    ),
    "it": (
        "ahi esatte far gai lacune lato nani nano orma orsa paro poteri premettere preso "
        "rea tornio tradi usa uso"
    ),
    "pt": (
        "acusa acusas anda anula apensa aso ciosa ciosas contar cosia cosias dais doutro "
        "elsa falos fio firo grua gruas idas iram lata lato macro messe mias naos negra nus "
        "parra perco perto piro potro pro quarto reias rela rima roam roas sabre sacra "
        "sadia seta setas siso sito sme soa suar sue sues tau usa usas"
    ),
    "nl": (
        "alge andres beset burin chinese dara davies dei deo dna dodo duist egel eider ene "
        "garden gele gene geode gevlogen gorter grada groet hete ide jara kleien kno knut "
        "kots kotsen krot las lege leke lenne mere miel mobile nadele naders ngo niest nos "
        "ode oden ott overtuig ozon poen poenen portugese pre rats roem smos straten strek "
        "tine trien urne verbeiden voer voordele wedren wei weke wreken zere"
    ),
    "pl": (
        "alta altem alto and ans atk atm aws bart bay bideny chec chlopice czerwice dal "
        "diwe doinstalowac dojazd dolaczyc dolot domowic dopowiedz dorzucic dowolac "
        "dowoluje durga durgi dziewice dzine emski etn ewek ezro flasz goar groszy halsa "
        "hasal ice ine inska inski inskie izmie jaksa kadza kadze karkow kilak klika kliku "
        "klio korki krakwo kupon labo lbu leow lipice liter man mertow merty mial miel mine "
        "miom mma monza mraca nadawac nagielski nastolatke niecmy niksa niksie nina nine "
        "niny noe nsa odkad odkladnie odrosly odstac odstawa ogra opd orbi orza parzy "
        "piatke pice pise pitaki ploska ploski polacic polata pryz psuty rozdaj rozniac "
        "rozumice seidem sierpina sliny sowim styczne szybik taine tka tma tne tworek "
        "tworki walcz walczanie walczyc weke wma wolan wolski wolyn wsa zadan zalogowca "
        "zdana zdane zminy zolte zoltych"
    ),
}
