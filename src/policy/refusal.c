/* The tables. A line is a phrase with its points in front (policy/phrases.h); REFUSAL_DECIDED
 * points decide alone, others need company. Written folded: no accents, no apostrophes. */
#include "policy/refusal.h"

#include "base/check.h"
#include "policy/fold.h"
#include "policy/phrases.h"

enum {
    REFUSAL_NEAR_BYTES = 170,      /* what stands behind it counts half */
    REFUSAL_ERROR_NEAR_BYTES = 60, /* errors say at once what they are */
    REFUSAL_SHORT_BYTES = 160, /* an answer of one sentence has no room for the answer asked for */
};

/* A negations of "I", B the same behind "I'm", C what is declined, D what something is not. Stems
 * are as short as they can be without meeting other words. */
static const char *const lists[] = {
    "cant |cannot |can not |couldnt |could not |wont |will not |wouldnt |would not |may not |"
    "do not feel comf|dont feel comf|do not have the abil|dont have the abil",
    "unable|incapab|prohib|not able|not going to|not comf|not will|not perm|not allow|not prog|"
    "not desig|not capab|not equip|not in a pos|not auth",
    "help|assis|aid |provi|fulf|compl|creat|gener|writ|answ|suppo|discus|shar|giv|engag|offer|"
    "do th|do so|promo|encour|condon|facil|parti|advis|respo|produ|satis|endor|instr|guid|expla|"
    "descr|tell|teach|comme|discl|revea|perfo|carry|accep|proce|accom|toler|enter|sugges|conti|"
    "fabri|specul|make |displ|prese|contri|in good",
    "appropr|ethic|accept|ok|legal|right |moral|permis|advis|safe|possible|respect|justif",
};

static const char refusals[] =
    "9[i|we] A*C\n"
    "9[im|i am|were|we are] B*C\n"
    "9[im|i am|were|we are] B to \n"
    "9sorry but [i|we] A\n"
    "9sorry [i|we] A\n"
    "9apologi* but [i|we] A\n"
    "9[i|we] [must|have to|need to|will|would|respect|polit]*[decli|refus]\n"
    "9[i|we] [decli|refus]\n"
    "9not something [i|im|we] [can|am|will|able|could|comf|would]\n"
    "9[i|we] A*be able to \n"
    "9[beyond|outside]*[my capab|my abil|scope of what i|the scope of my]\n"
    "8against*[my prog|my guid|my princ|my pol|my val|my eth|my desig|my purp|openai|our pol|"
    "content pol]\n"
    "8i [do not|dont|cannot|cant|can not] [condon|suppo|promo|encour|endor|engag|parti|provi|offer|"
    "creat|gener|assis|toler|discus]\n"
    "7[my|i am|im] [purpo|progr|desig|guid|role|goal|here]*[preven|prohib|not to|safe|respec|"
    "ethic|harml|positiv]\n"
    "8[its|it is|thats|that is|this is|is] [not|never] D\n"
    "4[are|be] [not|never] D\n"
    "5[it|that|this] [isnt|would not be|wouldnt be] D\n"
    "5[is|are] [illegal|unethic|immoral|harmful|danger|unaccept|inappr|wrong]\n"
    "4[illegal|unethic|immoral|harmful|offens|unlawf|hatef|discrim|noncons] "
    "[and|or|activ|conte|act|"
    "behav|mater|way]\n"
    "4[violat|infring]*[polic|law|right|priva|guidel|terms|princ]\n"
    "3[a crime|punish|against the law|criminal of|serious cons|legal cons]\n"
    "6i [strongly|would strongly] [advis|urge|discour|recom|encour|sugges|caut|conde]\n"
    "5i [advise|urge|caut|discour|would advise|would urge|recom]*[not |against|to seek|to recon|"
    "refrain|to stop|to speak]\n"
    "4as [a|an] [respons|ethic|ai |artific|language mod|assis|large lang]\n"
    "4[im|i am] *[an ai|a language mod|a computer prog|an artific]\n"
    "6i [do not|dont] have *[the abil|access to|personal |infor|any infor|the capab|knowl|opini]\n"
    "5[please ref|refrain from]\n"
    "5i [would|do] not [advise|recom|sugges]\n"
    "5you should [not|never] \n"
    "4you [shouldnt|cannot|cant|must not] \n"
    "5[should|must|will] never \n"
    "5there is no [ethic|legal|moral|legit|safe|accep|justif]\n"
    "4[stric|highl|compl|total|absol|extrem]*[prohib|illegal|unethic|inappr|unaccept|wrong]\n"
    "4[promo|foster|encour|priori|maintain]*[respec|positiv|kindn|underst|safety|inclus|ethic|"
    "harmony|equal|well]\n"
    "5i [would|will|could|must] [never|emph|inform|clari|remind|advise]\n"
    "4[this|that|your] [quest|reque|prompt|statem|topic|query] [is|conta|appear|seems|promo|invol|"
    "asks]\n"
    "3[im|i am] *sorry\n"
    "4sorry but\n"
    "3[im|i am] sorry\n"
    "3i apolog\n"
    "3i [underst|apprec|reali] *but [i|it|please|this]\n"
    "4[can|could|may] i help you with *[something|anything] else\n"
    "4is there [something|anything] else\n"
    "4if you [have|need]*[other|diff|else]*[quest|topic|help|assis|reque]\n"
    "4if you or someone\n"
    "4[reach out|talk|speak|turn|seek|get|contact]*[mental|profess|hotl|crisis|lifel|trusted|help "
    "from|"
    "the autho|law enf|emerg|local auth]\n"
    "3[import|crucial|essential|vital] to [respec|priori|treat|remember|recog|always|appro|promo|"
    "understand th]\n"
    "3id be happy to *[help|assis|provi|discus]\n"
    "2how about\n"
    "-9[cant|cannot|can not|couldnt|could not] help [but|feel|think|notic|mysel|fall]\n"
    "-4[here are|here is|heres] \n"
    "-3[follow|these steps|step 1|for example]\n"
    "-3[sure |certainly |of course |absolutely ]\n"
    "-3however i can\n"
    /* German */
    "9ich [kann|konnte|darf|werde|mochte] *[nicht|keine]*[helf|hilf|weiterh|unterst|bereits|anbiet|"
    "geben|beantw|erste|schrei|erfull|nachk|behilf|liefer|gener|anlei|assis|zur ver]\n"
    "9[kann|konnte|darf|werde] ich *[nicht|keine]\n"
    "9ich bin nicht *[in der lage|befugt|dazu|berech|imstande]\n"
    "9ich [muss|mochte|werde]*[ablehn|verweig]\n"
    "6[leider|tut mir leid|bedaure|entsch]*[kann|darf|konn]*[nicht|keine]\n"
    "5[tut mir leid|bedaure]\n"
    "4[als ki|als sprach|strafbar|unethi|nicht erl|nicht mogl]\n"
    /* French */
    "9je ne [peux|puis|pourr|saur|vais]*pas*[aid|taid|fourn|repon|assis|donn|ecri|gener|cree|satis|"
    "parti|discut|acced|effec|propo|prod|encou]\n"
    "9je ne suis pas *[en mes|capab|autor|habil|progr|a meme]\n"
    "9je [refus|dois refus|dois decl|suis dans lin|suis dans lim]\n"
    "9[il mest|il ne mest pas] [impos|possi|permi]\n"
    "6[desol|regret|excus|malheu]*je ne \n"
    "5[je suis desol|je regret|je mexc|navre]\n"
    "4[en tant qu|contraire a leth|interdit]\n"
    /* Spanish */
    "9no [puedo|podr|podem|voy a|debo|me es pos]*[ayud|propor|cumpl|respon|asist|ofrec|dar|brind|"
    "escri|gener|crear|apoy|parti|facil|compar|satis|discut|hacer e|promo|complac]\n"
    "9no [estoy|soy]*[en condi|autor|capac|capaz|dispu|progr|dise|en posi]\n"
    "9[debo|tengo que|me veo ob]*[recha|decli|negar|rehus]\n"
    "6[lo siento|lamento|discul|perdon|me temo]*no \n"
    "5[lo siento|lo lamen|me temo]\n"
    "4[como modelo de|como ia |es ilegal|poco etico]\n"
    /* Italian */
    "9non [poss|potrei|mi e poss|ho la poss]*[aiut|forni|assis|rispo|soddi|scriv|crea|gener|dar|"
    "offri|condi|parte|discut|suppo|promu|esaud]\n"
    "9non [sono|siamo]*[in grado|autor|capac|progr|dispo]\n"
    "9[devo|sono costr]*[rifiut|declin]\n"
    "6[mi dispi|spiacen|mi scuso|purtr]*non \n"
    "5[mi dispi|sono spiac]\n"
    "4[come modello ling|come ia |e illegale|non etico]\n"
    /* Portuguese */
    "9nao [posso|consigo|podem|poder|vou|me e poss|devo]*[ajud|forne|auxil|atend|respon|cri|escre|"
    "parti|dar|ofere|ger|compart|apoi|discut|cumpr|assis|promo|prest]\n"
    "9nao [sou|estou]*[capaz|autor|apto|em cond|progr|dispo]\n"
    "9[devo|tenho que|preciso|sou obr]*[recus|declin|negar]\n"
    "6[descul|sinto mu|lament|infeliz|perdao]*nao \n"
    "5[sinto mu|lamento|descul]\n"
    "4[como modelo de|como uma ia|como um modelo]\n"
    /* Dutch */
    "9ik [kan|mag|wil|zal|ga]*[niet|geen]*[help|geven|bied|beantw|schrij|verstr|voldo|assis|deel|"
    "maken|onderst|uitv|besprek|gener|van dienst|meew]\n"
    "9[kan|mag|zal] ik *[niet|geen]\n"
    "9ik ben niet *[in staat|bevoe|gemach|berei]\n"
    "9ik moet *[weig|afwij]\n"
    "6[spijt me|helaas|excus]*[kan|mag]*[niet|geen]\n"
    "5[het spijt|helaas]\n"
    "4[als ai |als taalmod|als een ai|als een taal]\n"
    /* Polish */
    "9nie [moge|mozemy|potra|bede]*[pomoc|pomag|pomog|udzie|speln|dostar|napis|odpow|poda|przeds|"
    "stwor|wspier|zrobi|omawi|wykon|zapew|wygen|uczes|wespr]\n"
    "9nie jestem *[w stanie|upowaz|upraw]\n"
    "9[musze odm|odmawiam|zmuszony odm|zmuszona odm]\n"
    "6[przykro mi|przepr|niestety|wybacz]*nie \n"
    "5[przykro mi|przepr]\n"
    "4jako [model jez|sztucz|asyst]\n"
    /* Russian */
    "9не [могу|можем|смогу|буду|вправе]*[помо|предо|выпол|"
    "отве|созд|напис|дать|обсуж|сдела|расск|"
    "поддер|участ|генер|сгенер|подск|предл]\n"
    "9[я не|не] [в сост|имею пр|имею воз|спос|уполн|предн]\n"
    "9[я отказ|должен отк|придется отк|вынужден отк]\n"
    "6[извин|прост|к сожал|мне жаль|сожал]*не \n"
    "5[извини|простите|мне жаль|к сожал]\n"
    "4[как языков|как ии |как искус|незакон|неэтич]\n"
    /* Chinese, both scripts */
    "9[我]*[无法|不能|不可以|不会|無法|不會|不便|没办法]*[提供|帮|协助|"
    "回答|满足|支持|参与|生成|"
    "创作|"
    "讨论|给|完成|幫|協助|滿足|參與|創作|討論|給|编写|撰写|执行]\n"
    "9[无法|不能|無法]*[提供|协助|帮助|回答|满足|協助|幫助|滿足]\n"
    "9[我拒|必须拒|必須拒|恕我|恕难|恕難]\n"
    "6[抱歉|对不起|對不起|遗憾|遺憾]*[无法|不能|無法|不会|没有]\n"
    "5[抱歉|对不起|對不起]\n"
    "4[作为人工|作为一|作為|违法|非法|違法|不道德]\n"
    /* Japanese */
    "9[お手伝い|お答え|提供|対応|お応え|協力|回答|支援|生成|作成|案内|"
    "お教え|お伝え|サポート]*"
    "[できません|できかね|はできま|いたしかね|出来ません|致しかね|"
    "できない]\n"
    "9[お断り|控えさせ|差し控え|応じられ|応じること|お受けでき]\n"
    "6[申し訳|ごめんな|すみません|残念]*[ません|かねます|できない]\n"
    "5[申し訳|ごめんな|残念ながら]\n"
    /* Korean */
    "9[도와|도움|제공|답변|대답|지원|생성|작성|응답|수행|안내|알려|말씀|"
    "협조]*수 없\n"
    "9[거절|응할 수 없|해 드릴 수 없|해드릴 수 없|드릴 수 없]\n"
    "6[죄송|미안|유감]*[없습|없어|어렵습|불가|않습]\n"
    "5[죄송|유감스]\n";

static const char hedges[] =
    "9[im|i am] [not |un]*[sure|certain|aware of]\n"
    "9i [do not|dont] [know|have enough|have sufficient|have real]\n"
    "9[i may|i might|i could] be [wrong|mistaken]\n"
    "9[cannot|cant|can not|impossible to|not possible to|unable to] *[be "
    "determined|determine|verify|"
    "confirm|say|tell]\n"
    "9[not enough|insufficient|without more|without further] *[information|context|data|detail]\n"
    "9as of my *[last|knowledge|training]\n"
    "9[it is|its] [unclear|hard to say|difficult to say]\n"
    "9ich [bin|weiss|weis] *nicht *[sicher|genau|ob |wie|was]\n"
    "9[je ne sais pas|je ne suis pas sur|je ne suis pas certain|pas assez dinformation]\n"
    "9no [estoy segur|lo se|tengo informacion|tengo suficiente]\n"
    "9non [sono sicur|lo so|ho informazioni|ho abbastanza]\n"
    "9nao [tenho certeza|sei|tenho informac]\n"
    "9ik [weet|ben] *niet *[zeker|of |wat|precies]\n"
    "9nie [jestem pew|wiem|mam informacji|mam wystarcz]\n"
    "9[я не уверен|я не знаю|недостаточно информации]\n"
    "9[我不确定|我不知道|信息不足|不太清楚|我不確定|資訊不足]\n"
    "9[わかりません|分かりません|存じません|不明です]\n"
    "9[잘 모르|모르겠|확실하지 않|정보가 부족]\n";

static const char errors[] =
    "9[overloaded|server is busy|engine is overloaded|rate limit|too many requests|"
    "internal server error|internal error|bad gateway|gateway time|service unavailable|"
    "temporarily unavailable|request timed out|request timeout|invalid api key|"
    "context length exceeded|maximum context length|exceeded your current quota]\n"
    "9upstream [error|connect|request]\n"
    "9insufficient [quota|credit|balance]\n"
    "9[service|model] *[unavailable|not available|overloaded|is loading]\n"
    "9no available *[channel|server|provider]\n"
    "9connection [refused|reset|error]\n"
    "5[an error |error ]\n"
    "5[occurred|try again|retry|status code|code 5|500|502|503|504|529]\n"
    "9[doctype html|html]\n"
    "5[服务器繁忙|系统繁忙|请求过多|請求過多]\n";

static const struct phrases refusal_table = {refusals, lists, ARRAY_LEN(lists)};
static const struct phrases hedge_table = {hedges, lists, 0};
static const struct phrases error_table = {errors, lists, 0};

int refusal_points(struct span answer)
{
    char text[REFUSAL_READ_BYTES];
    struct span folded = fold_text(answer, text, sizeof(text));
    int points = phrases_points(&refusal_table, folded, REFUSAL_NEAR_BYTES);

    return points > 0 && answer.len <= REFUSAL_SHORT_BYTES ? points + 2 : points;
}

bool refusal_is(struct span answer)
{
    return refusal_points(answer) >= REFUSAL_DECIDED;
}

bool refusal_hedges(struct span answer)
{
    char text[REFUSAL_READ_BYTES];

    return phrases_any(&hedge_table, fold_text(answer, text, sizeof(text)));
}

bool refusal_is_error(struct span question, struct span answer)
{
    char text[REFUSAL_READ_BYTES];

    if (answer.len > REFUSAL_ERROR_BYTES && !span_starts(answer, SPAN("<")))
        return false;
    if (phrases_points(&error_table, fold_text(answer, text, sizeof(text)),
                       REFUSAL_ERROR_NEAR_BYTES) < REFUSAL_DECIDED)
        return false;
    return !phrases_any(&error_table, fold_text(question, text, sizeof(text)));
}
