#include "policy/near_words.h"

#include "base/check.h"

const char near_languages[NEAR_LANGUAGES + 1] = "edfs";

/* A line for each first byte, which makes looking up fast enough without an index. */
static const char near_table[] =
    "a/e-f+s+ also/e- any/e- about/e+ above/e+ actually/e- after/e+ all/e+ always/e+ am/e-d+ "
    "an/e-d+ and/e+ "
    "are/e- "
    "as/e+ at/e: auf/d+ au/f+ aux/f+ avec/f+ arms/e= ahora/*! aktuell/*! aktuelle/*! aktuellen/*! "
    "aktueller/*! aktuelles/*! actuel/*! actuelle/*! actuellement/*! actual/*! actuales/*! "
    "actualmente/*! aujourd'hui/*! ayer/*! adesso/*! amanh\303\243/*! agora/*! atual/*! "
    "attuale/*!\n"
    "basically/e- be/e+ because/e+ been/e+ before/e+ being/e+ below/e+ between/e+ but/e+ by/e+ "
    "bei/d+ bin/d+\n"
    "can/e+ could/e+ ce/f+ comment/fw como/sw con/s+ cu\303\241l/sw cu\303\241ndo/sw "
    "cu\303\241nto/sw combien/fw customs/e= contents/e= current/*! currently/*!\n"
    "did/e+ do/e+ does/e+ down/e+ das/d- dass/d+ dem/d+ den/d+ der/d+ des/d+f+ die/d- du/d+f+ "
    "dans/f+ de/f+s+ del/s+ donde/sw d\303\263nde/sw dr/e. describe/ev derzeit/*! demain/*! "
    "domani/*!\n"
    "each/e+ either/e+ ever/e- even/e- every/e+ exactly/e- except/e+ ein/d+ eine/d- einen/d+ "
    "einem/d+ einer/d+ er/d+ es/d+s- "
    "el/s+ elle/f+ en/f+s+ est/f- et/f+ etc/e. explain/ev erkl\303\244ren/dv expliquer/fv "
    "explicar/sv\n"
    "few/e+ for/e: from/e+ f\303\274r/d+ forecast/*!\n"
    "give/ev glasses/e= goods/e= gestern/*!\n"
    "had/e+ has/e+ have/e+ he/e+ her/e+ here/e+ him/e+ his/e+ how/ew hat/d+ ha/s+ heute/*! hier/*! "
    "hoy/*! hoje/*! hoger/*!\n"
    "i/e+ if/e+ in/e:d+ into/e+ is/e- it/e+ its/e+ ich/d+ ihr/d+ im/d+ ist/d- il/f+ ieri/*!\n"
    "je/f+ just/e- jetzt/*!\n"
    "kann/d+ kein/d+ keine/d+\n"
    "least/e+ less/e+ list/ev la/f+s+ las/s+ le/f+ les/f+ lo/s+ los/s+ lately/*! latest/*!\n"
    "many/e+ may/e+ me/e+f+s+ might/e+ mine/e+ more/e+ most/e+ much/e+ must/e+ my/e+ man/d+ "
    "mein/d+ "
    "meine/d+ mit/d+ ma/f+ mi/s+ mon/f+ means/e= mr/e. mrs/e. maintenant/*! ma\303\261ana/*! "
    "momentan/*! morgen/*! m\303\251t\303\251o/*!\n"
    "neither/e+ never/e+ no/e+s+ nobody/e+ none/e+ nor/e+ not/e+ nothing/e+ nicht/d+ ne/f+ now/*! "
    "nowadays/*! news/*! newest/*! neueste/*! neuesten/*! nachrichten/*! noticias/*! nu/*!\n"
    "of/e: off/e+ on/e:f+ only/e+ onto/e+ or/e+ our/e+ out/e+ over/e+ oder/d+ ou/f+ o\303\271/fw "
    "oggi/*! ontem/*!\n"
    "pas/f+ par/f+ para/s+ por/s+ pour/f+ pourquoi/fw provide/ev presently/*! price/*! pricing/*! "
    "precio/*! precios/*! preis/*! preise/*! prezzo/*! prix/*! pre\303\247o/*!\n"
    "que/f+s+ quel/fw quelle/fw quels/fw quelles/fw qui/fw qu\303\251/sw qui\303\251n/sw\n"
    "really/e- recommend/ev recent/*! recently/*! reciente/*! recientemente/*! r\303\251cent/*! "
    "r\303\251cemment/*!\n"
    "she/e+ should/e+ show/ev so/e+d+ some/e- such/e+ summarize/ev summarise/ev suggest/ev sich/d+ "
    "sie/d+ sind/d- son/s-f+ sont/f- se/f+s+ si/s+f+ st/e.\n"
    "tell/ev than/e+ that/e+ the/e- their/e+ them/e+ then/e+ there/e+ these/e+ they/e+ this/e+ "
    "those/e+ to/e+ too/e+ translate/ev tu/f+s+ today/*! today's/*! tomorrow/*! tonight/*! "
    "trending/*!\n"
    "under/e+ until/e+ up/e+ upon/e+ us/e+ um/d+ und/d+ un/f-s- una/s- une/f- upcoming/*!\n"
    "very/e+ vs/e. von/d+ vous/f+ vandaag/*!\n"
    "was/e+dw we/e+ were/e+ what/ew when/ew where/ew whether/e+ which/ew while/e+ who/ew whom/ew "
    "whose/ew why/ew will/e+d+ with/e+ within/e+ without/e+ would/e+ wann/dw warum/dw welche/dw "
    "welcher/dw welches/dw wer/dw wie/dw wo/dw write/ev weather/*! wetter/*! wechselkurs/*!\n"
    "y/s+ yesterday/*! you/e+ your/e+ yours/e+\n"
    "zu/d+ zum/d+ zur/d+\n"
    "\303\240/f+ \303\274ber/d+ \303\272ltimo/*! \303\272ltima/*!\n";

/* Whom one asks: "could anyone". */
#define SOMEBODY "can/could/would/will you/anyone/someone/anybody/somebody"

const char near_leading[] =
    "hi/hello/hey/greetings/dear/hallo/bonjour/hola|"
    "hi/hello/hey/hallo there/all/everyone/everybody/guys|good/best morning/afternoon/evening/day|"
    "guten tag/abend|buenos dias/d\303\255as|excuse me|kindly|" SOMEBODY
    " please/pls/plz/kindly|" SOMEBODY " +!|tell me if/whether|tell me|"
    "let me know if/whether|let me know|do you/anyone/someone/anybody know if/whether|"
    "do you/anyone/someone/anybody know +?|i want/need/wish to know|i would like to know|"
    "i wonder/wondering|i was wondering|i have question|my question +?|"
    "kannst/k\303\266nntest du mir sagen|k\303\266nnen/k\303\266nnten sie mir sagen|"
    "sag mir|pouvez-vous/peux-tu/pourriez-vous me dire|dis-moi|dites-moi|"
    "puedes/podr\303\255as/puede decirme|me puedes/podr\303\255as/puede decir|dime";

const char near_please[] = "please/pls/plz/bitte|por favor|s'il vous/te pla\303\256t";

const char near_trailing[] =
    "thanks/thank/thx/cheers|many thanks/thank|thank/thanks you/all/everyone|"
    "thank you so/very much|thanks/thank so/very much|thank you advance|"
    "thanks/thank advance|thanks/thank lot|danke|vielen dank|merci|merci beaucoup|"
    "gracias|muchas gracias";

const char near_times[] =
    "this/last/next/past/coming/previous "
    "week/weekend/month/quarter/year/season/morning/afternoon/evening/night|"
    "so far|these day|what time it|what date/day it|exchange rate|up to date|"
    "diese/dieser/letzte/n\303\244chste woche/monat/jahr|cette/la semaine|cette ann\303\251e|"
    "esta/este semana/mes/a\303\261o";

/* A line for each first letter, as above. The first rule that fits is taken. */
const char near_rewrites[] =
    "are there a/any way/ways to>can i|"
    "arent>not\n"
    "become>be|"
    "begin>start\n"
    "cell phone/phones>phone|"
    "could>can|"
    "cannot>can not|"
    "ca not>can not|"
    "cant>can not|"
    "couldnt>can not\n"
    "delete>remove|"
    "does>do|"
    "dont/doesnt>do not|"
    "didnt>did not\n"
    "earn money>make money\n"
    "film/films>movie|"
    "fast>quickly\n"
    "good/great>best\n"
    "how do/can/could/should/would/does/might i/we/one>how to|"
    "how do/can/could/should/would you>how to|"
    "how come>why|"
    "how do/does>how|"
    "has>have|"
    "havent/hasnt>have not|"
    "he's>he|"
    "how's/hows>how\n"
    "is there a/any way/ways to>can i|"
    "is it possible to>can i|"
    "isnt>not|"
    "im>i|"
    "ive>i have|"
    "it's>it\n"
    "large>big\n"
    "mobile phone/phones>phone|"
    "my>a\n"
    "purchase>buy\n"
    "quick>quickly\n"
    "regarding>about|"
    "rapidly>quickly|"
    "repair>fix|"
    "reduce weight>lose weight\n"
    "sha not>shall not|"
    "shouldnt>should not|"
    "she's>she\n"
    "theyre>they|"
    "there's>there|"
    "that's/thats>that\n"
    "versus>vs\n"
    "where do/can/could/should i/we/one>where to|"
    "what should/can/could/must/do i/we/one do to>how to|"
    "what is/are the/a/some/any best/good/easiest way/ways to/of>how to|"
    "what is/are best/good/easiest/some/the/any way/ways to/of>how to|"
    "what do/does you/people/everyone/everybody think about/of>what your opinion on|"
    "what is/are your/the opinion/opinions/view/views/thought/thoughts on/about/of>what your "
    "opinion on|"
    "why is it that>why|"
    "which is/are>what is|"
    "why do/does>why|"
    "when do/does>when|"
    "where do/does>where|"
    "wo not>will not|"
    "wont>will not|"
    "wasnt>was not|"
    "werent>were not|"
    "wouldnt>would not|"
    "what's/whats>what is|"
    "where's/wheres>where|"
    "who's/whos>who is\n"
    "youre>you\n";

const char near_times_other[] =
    "\321\201\320\265\320\263\320\276\320\264\320\275\321\217|\321\201\320\265\320\271\321\207\320"
    "\260\321\201|\320\262\321\207\320\265\321\200\320\260|\320\267\320\260\320\262\321\202\321\200"
    "\320\260|\344\273\212|\347\216\260\345\234\250|\347\217\276\345\234\250|\346\230\250|\346\230"
    "\216\346\227\245|\346\230\216\345\244\251|\346\234\200\346\226\260|\347\233\256\345\211\215|"
    "\344\273\267\346\240\274|\344\276\241\346\240\274|\345\244\251\346\260\224|"
    "\345\244\251\346\260"
    "\227|\354\230\244\353\212\230|\354\247\200\352\270\210|\354\226\264\354\240\234|\353\202\264"
    "\354\235\274";

struct span near_line(const char *table, char first)
{
    while (*table != '\0') {
        const char *end = strchr(table, '\n');

        CHECK(end != NULL);
        if (*table == first)
            return span_of(table, (size_t)(end - table));
        table = end + 1;
    }
    return SPAN_EMPTY;
}

struct span near_tags(struct span word)
{
    struct span line = word.len > 0 ? near_line(near_table, word.ptr[0]) : SPAN_EMPTY;
    struct span entry;

    while (span_split(&line, ' ', &entry))
        if (entry.len > word.len && entry.ptr[word.len] == '/' && span_starts(entry, word))
            return span_part(entry, word.len + 1, entry.len);
    return SPAN_EMPTY;
}

enum near_class near_class(struct span tags, char language)
{
    for (size_t i = 0; i + 1 < tags.len; i += 2)
        if (tags.ptr[i] == language || tags.ptr[i] == '*')
            return (enum near_class)tags.ptr[i + 1];
    return NEAR_CONTENT;
}

/* Cheap and wary: what it joins are numbers of one noun or persons of one verb. Tenses and -ing
 * stay apart: "is he loved" is not "he loves", a building is nothing that one builds. */
size_t near_stem(struct span w, char *last)
{
    size_t cut = 0;

    *last = w.len > 0 ? w.ptr[w.len - 1] : '\0';
    if (w.len < NEAR_STEM_LETTERS_MIN)
        return w.len;
    if (w.len > NEAR_STEM_LETTERS_MIN && (span_ends(w, SPAN("ies")) || span_ends(w, SPAN("ie")))) {
        cut = *last == 's' ? 2 : 1;
        *last = 'y';
        return w.len - cut;
    }
    if (*last != 's' || span_ends(w, SPAN("ss")) || span_ends(w, SPAN("us")) ||
        span_ends(w, SPAN("is")) || span_ends(w, SPAN("'s")))
        return w.len;
    cut = span_ends(w, SPAN("sses")) || span_ends(w, SPAN("shes")) || span_ends(w, SPAN("ches")) ||
                  span_ends(w, SPAN("xes")) || (w.len > 5 && span_ends(w, SPAN("oes")))
              ? 2
              : 1;
    *last = w.ptr[w.len - cut - 1];
    return w.len - cut;
}
