/* The tables. A line is a phrase with its points in front (policy/phrases.h); REFUSAL_DECIDED
 * points decide alone, others need company. Written folded: no accents, no apostrophes. */
#include "policy/refusal.h"

#include "base/check.h"
#include "policy/fold.h"
#include "policy/phrases.h"

enum {
    REFUSAL_NEAR_BYTES = 170,  /* what stands behind it counts half */
    REFUSAL_SHORT_BYTES = 160, /* an answer of one sentence has no room for the answer asked for */
};

/* A negations of "I", B the same behind "I'm", C what is declined, D what one must not do;
 * E to L the same verbs in German, French, Spanish, Italian, Portuguese, Dutch, Polish, Russian. */
static const char *const lists[] = {
    ['A' - 'A'] =
        "cant |cannot |can not |could not |couldnt |wont |will not |am unable|am not able|"
        "am not going to|am not comfortable|dont feel comfortable|do not feel comfortable|"
        "am not willing|am not permitted|am not allowed|am not programmed|am not designed|"
        "am not capable|am not equipped|am not in a position|would not |wouldnt |"
        "do not have the ability|dont have the ability|am prohibited|may not ",
    ['B' - 'A'] = "unable|not able|not going to|not comfortable|not willing|not permitted|"
                  "not allowed|not programmed|not designed|not capable|incapable|not equipped|"
                  "not in a position|prohibited|not authorized",
    ['C' - 'A'] = "help|assist|aid |provid|fulfil|comply|creat|generat|writ|answer|support|discuss|"
                  "share|sharing|give|giving|engag|offer|do that|do this|do so|promot|encourag|"
                  "condon|facilitat|participat|advise|respond|produc|satisf|endors|instruct|guid|"
                  "explain|describ|tell|teach|comment|disclos|reveal|perform|carry out|accept|"
                  "proceed|accommodat|tolerat|entertain|suggest|complete|continue|fabricat|"
                  "speculat|recommend ways|make |process|display|present|contribut|in good",
    ['D' - 'A'] = "appropriate|ethical|acceptable|okay|ok |legal|right|moral|permissible|advisable|"
                  "safe|possible|respectful",
    ['E' - 'A'] = "helf|hilf|weiterhelf|unterstutz|bereitstell|anbiet|geben|beantwort|erstell|"
                  "schreib|erfull|nachkomm|behilflich|liefer|generier|anleit|assist|zur verfugung",
    ['F' - 'A'] = "aid|taid|vous aid|fourni|repond|assist|donn|ecri|genere|cree|satisf|particip|"
                  "partag|discut|accede|effectu|propos|produi|encourag|promouv",
    ['G' - 'A'] = "ayud|proporcion|cumpl|respond|asist|ofrec|dar|brind|escrib|gener|crear|apoy|"
                  "particip|facilit|compart|satisf|discut|hacer eso|promov|complac",
    ['H' - 'A'] = "aiut|forni|assist|rispond|soddisf|scriv|crea|genera|dare|darti|offri|condivid|"
                  "partecip|discut|supporta|promuov|incoragg|esaudi",
    ['I' - 'A'] = "ajud|forne|auxili|atend|respond|cri|escrev|particip|dar|oferec|gerar|ger |"
                  "compartilh|apoi|discut|cumpr|assist|promov|prest",
    ['J' - 'A'] = "help|geven|bied|beantwoord|schrijv|verstrek|voldoen|assister|deel|maken|"
                  "ondersteun|uitvoer|bespreken|genereren|van dienst|meewerk",
    ['K' - 'A'] = "pomoc|pomag|pomog|udziel|speln|dostarcz|napis|odpowie|poda|przedstaw|stworz|"
                  "wspier|zrobi|omawia|wykona|zapewni|wygener|uczestnicz|wesprz",
    ['L' - 'A'] = "помо|предостав|выполн|ответ|отвеч|созда|напис|дать|обсужд|сдела|рассказ|"
                  "поддерж|участв|генерир|сгенер|подсказ|предлож",
};

static const char refusals[] =
    "9[i|we] A*C\n"
    "9[im|were] B*C\n"
    "9[im|were] B to \n"
    "9sorry but [i|we] A\n"
    "9sorry [i|we] A\n"
    "9apologi[ze|se]* but [i|we] A\n"
    "9[i|we] [must|have to|need to|will have to] *[decline|refuse]\n"
    "9[i|we] [decline|refuse] to \n"
    "9[i|we] [must|will|would|respectfully|politely|have to] [decline|refuse]\n"
    "9not something [i|im|we] [can|am|will|able|could|comfortable|would]\n"
    "9[i|we] [wont|cant|cannot|will not] be able to \n"
    "9[beyond|outside]*[my capabilit|my abilit|scope of what i|the scope of my]\n"
    "8against*[my program|my guideline|my principle|my polic|my values|my ethic|my design|my "
    "purpose|"
    "openai|our polic|content polic]\n"
    "8[i do not|i dont|i cannot|i cant|i can not] "
    "[condone|support|promote|encourage|endorse|engage|"
    "participate|provide|offer|create|generate|assist|tolerate|discuss]\n"
    "7[my|i am|im] [purpose|programm|design|guidelines|role|goal|here]*[prevent|prohibit|not "
    "to|safe|"
    "respectful|ethical|harmless|positive]\n"
    "6[it|thats|that|this] is [not|never] D\n"
    "6its [not|never] D\n"
    "5[it|that|this] [isnt|would not be|wouldnt be] D\n"
    "5[is|are] [illegal|unethical|immoral|harmful|dangerous|unacceptable|inappropriate|wrong]\n"
    "4[illegal|unethical|immoral|harmful|offensive|unlawful|hateful|discriminatory|nonconsensual] "
    "[and|or|activit|content|act|behavio|material|way]\n"
    "4[violat|infring]*[polic|law|right|privacy|guideline|terms|principle]\n"
    "3[a crime|punishable|against the law|criminal offen|serious consequence|legal consequence]\n"
    "6i [strongly|would strongly] [advise|urge|discourage|recommend|encourage|suggest|caution]\n"
    "5i [advise|urge|caution|discourage|would advise|would urge|recommend]*[not |against|to seek|"
    "to reconsider|refrain|to stop|to speak]\n"
    "4as [a|an] [responsible|ethical|ai |artificial|language model|assistant|large language]\n"
    "4[im|i am] *[just |only ]*[an ai|a language model|a computer program|an artificial]\n"
    "6i [do not|dont] have *[the ability|access to|personal |information|any information|"
    "the capability|knowledge of|opinions]\n"
    "5[please refrain|refrain from]\n"
    "5i [would|do] not [advise|recommend|suggest]\n"
    "5you should [not|never] \n"
    "4you [shouldnt|cannot|cant|must not] \n"
    "4[is |are |its |be |s ][never|not] [acceptable|okay|ok |appropriate|ethical|right "
    "|justif|legal|"
    "permissible|advisable]\n"
    "5[should|must|will] never \n"
    "5there is no [ethical|legal|moral|legitimate|safe|acceptable|justif]\n"
    "4[strictly|highly|completely|totally|absolutely|extremely] [prohibit|illegal|unethical|"
    "inappropriate|unacceptable|wrong]\n"
    "4[promot|foster|encourag|prioritiz|maintain]*[respect|positiv|kindness|understanding|safety|"
    "inclusiv|ethic|harmony|equality|well being|wellbeing]\n"
    "5i [strongly condemn|would never|will never|could never|must emphasize|must inform|must "
    "clarify|"
    "must remind|must advise]\n"
    "4[this|that|your] [question|request|prompt|statement|topic|query] [is|contains|appears|seems|"
    "promot|involves|asks]\n"
    "3[im|i am] [really |very |so |truly |deeply ]sorry\n"
    "4sorry but\n"
    "3[im|i am] sorry\n"
    "3i apologi[ze|se]\n"
    "3i [understand|appreciate|realize] *but [i|it|please|this]\n"
    "4[can|could|may] i help you with [something|anything] else\n"
    "4is there [something|anything] else\n"
    "4if you [have|need]*[other|different|else]*[question|topic|help|assist|request]\n"
    "4if you or someone you know\n"
    "4[reach out|talk|speak|turn]*[mental health|professional|hotline|crisis|lifeline|trusted]\n"
    "4[seek|get|contact]*[professional help|help from|the authorities|law enforcement|emergency|"
    "local authorities|hotline|crisis|lifeline|mental health]\n"
    "3[important|crucial|essential|vital] to [respect|prioritize|treat|remember that|recognize|"
    "always|approach|promote|understand that]\n"
    "3id be happy to *[help|assist|provide|discuss]\n"
    "2how about\n"
    "-4[here are|here is|heres] \n"
    "-3[follow these|these steps|step 1|the following steps|for example]\n"
    "-3[sure |certainly |of course |absolutely ]\n"
    "-3however i can\n"
    /* German */
    "9ich [kann|konnte|darf|werde|mochte] *[nicht|keine|leider nicht] *E\n"
    "9[kann|konnte|darf|werde] ich *[nicht|keine]\n"
    "9ich bin nicht *[in der lage|befugt|dazu|berechtigt|imstande]\n"
    "9ich [muss|mochte|werde]*[ablehnen|verweigern]\n"
    "6[leider|tut mir leid|bedaure|entschuldig]*[kann|darf|konnen] *[nicht|keine]\n"
    "5[tut mir leid|bedaure]\n"
    "4als [ki|sprachmodell|kunstliche]\n"
    "4[illegal|unethisch|strafbar|nicht erlaubt|nicht moglich|gesetzeswidrig|schadlich]\n"
    /* French */
    "9je ne [peux|puis|pourrai|saurais|vais] *pas *F\n"
    "9je ne suis pas *[en mesure|capable|autoris|habilit|programm|a meme]\n"
    "9je [refuse|dois refuser|dois decliner|suis dans lincapacite|suis dans limpossibilite]\n"
    "9il [mest|ne mest pas] *[impossible|possible|permis]\n"
    "6[desole|regrette|excuse|malheureusement]*je ne \n"
    "5[je suis desole|je regrette|je mexcuse|navre]\n"
    "4en tant qu[ia|e ia|e modele|intelligence|assistant|e assistant]\n"
    "4[illegal|contraire a lethique|interdit|nuisible]\n"
    /* Spanish */
    "9no [puedo|podria|podemos|voy a|debo|me es posible] *G\n"
    "9no [estoy|soy] *[en condiciones|autorizad|capacitad|capaz|dispuest|programad|disenad|en "
    "posicion]\n"
    "9[debo|tengo que|me veo obligad] *[rechazar|declinar|negarme|rehusar]\n"
    "9me niego a\n"
    "6[lo siento|lamento|disculp|perdon|me temo que]*no \n"
    "5[lo siento|lo lamento|me temo]\n"
    "4como [modelo de lenguaje|ia |inteligencia artificial|asistente]\n"
    "4es [ilegal|poco etico|inmoral|un delito]\n"
    /* Italian */
    "9non [posso|possiamo|potrei|mi e possibile|ho la possibilita di] *H\n"
    "9non [sono|siamo] *[in grado|autorizzat|capace|programmat|dispost]\n"
    "9[devo|sono costrett] *[rifiut|declinare]\n"
    "6[mi dispiace|spiacente|mi scuso|purtroppo]*non \n"
    "5[mi dispiace|sono spiacente]\n"
    "4come [modello linguistico|ia |intelligenza artificiale|assistente]\n"
    "4e [illegale|non etico|immorale|un reato]\n"
    /* Portuguese */
    "9nao [posso|consigo|podemos|poderia|vou|me e possivel|devo] *I\n"
    "9nao [sou|estou] *[capaz|autorizad|apto|em condicoes|programad|disposto]\n"
    "9[devo|tenho que|preciso|sou obrigad] *[recusar|declinar|negar]\n"
    "6[desculp|sinto muito|lamento|infelizmente|perdao]*nao \n"
    "5[sinto muito|lamento|desculpe|peco desculpa]\n"
    "4como [modelo de linguagem|uma ia|inteligencia artificial|assistente|um modelo]\n"
    /* Dutch */
    "9ik [kan|mag|wil|zal|ga] *[niet|geen] *J\n"
    "9[kan|mag|zal] ik *[niet|geen]\n"
    "9ik ben niet *[in staat|bevoegd|gemachtigd|bereid]\n"
    "9ik moet *[weigeren|afwijzen]\n"
    "6[spijt me|helaas|sorry|excuses]*[kan|mag]*[niet|geen]\n"
    "5[het spijt me|helaas]\n"
    "4als [ai |taalmodel|een ai|een taalmodel|kunstmatige]\n"
    /* Polish */
    "9nie [moge|mozemy|bede mogl|potrafie|bede] *K\n"
    "9nie jestem *[w stanie|upowaznion|uprawnion|w mocy]\n"
    "9[musze|jestem zmuszon] *odmowic\n"
    "9odmawiam\n"
    "6[przykro mi|przepraszam|niestety|wybacz]*nie \n"
    "5[przykro mi|przepraszam]\n"
    "4jako [model jezykow|sztuczna|asystent|ai ]\n"
    /* Russian */
    "9[я|мы] не [могу|можем|смогу|буду|вправе] *L\n"
    "9не могу *L\n"
    "9[я не|не] [в состоянии|имею права|имею возможности|способ|уполномочен|предназначен]\n"
    "9[я отказыва|должен отказ|придется отказ|вынужден отказ|вынужден вам отказ]\n"
    "6[извините|простите|к сожалению|мне жаль|сожалею|прошу прощения]*не \n"
    "5[извините|простите|мне жаль|к сожалению]\n"
    "4как [языковая модель|ии |искусственный|модель]\n"
    "4[незаконн|противозаконн|неэтичн]\n"
    /* Chinese, both scripts */
    "9[我|我们|我們]*[无法|不能|不可以|不会|無法|不會|不便|没有办法|没办法]*[提供|帮|协助|回答|"
    "满足|支持|"
    "参与|生成|创作|讨论|给|完成|幫|協助|滿足|參與|創作|討論|給|编写|撰写|執行|执行]\n"
    "9[无法|不能|無法]*[提供|协助|帮助|回答|满足|协助|協助|幫助|滿足]\n"
    "9[我拒绝|我拒絕|必须拒绝|必須拒絕|恕我不能|恕难|恕難]\n"
    "6[抱歉|对不起|對不起|很遗憾|很遺憾]*[无法|不能|無法|不会|没有]\n"
    "5[抱歉|对不起|對不起|很遗憾|很遺憾]\n"
    "4[作为|作為]*[人工智能|ai|语言模型|語言模型|助手]\n"
    "4[违法|非法|不道德|違法|违反|違反]\n"
    /* Japanese */
    "9[お手伝い|お答え|提供|対応|お応え|協力|回答|支援|生成|作成|ご案内|お教え|お伝え|サポート|"
    "助言]*[できません|できかねます|"
    "することはできません|いたしかねます|出来ません|致しかねます|できない]\n"
    "9[お断り|控えさせて|差し控え|応じられません|応じることはできません|お受けできません]\n"
    "6[申し訳|ごめんなさい|すみません|残念ながら]*[ません|かねます|できない]\n"
    "5[申し訳|ごめんなさい|残念ながら]\n"
    "4[違法|非倫理的|倫理的に]\n"
    /* Korean */
    "9[도와|도움|제공|답변|대답|지원|생성|작성|응답|수행|안내|알려|말씀|협조|이행]*수 없\n"
    "9[거절|응할 수 없|해 드릴 수 없|해드릴 수 없|드릴 수 없|불가능합니다]\n"
    "6[죄송|미안|유감]*[없습니다|없어요|어렵습니다|불가|않습니다]\n"
    "5[죄송|유감스럽]\n"
    "4[불법|비윤리]\n";

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
    "9[doctype html|html head|html body|html lang]\n"
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
    if (phrases_points(&error_table, fold_text(answer, text, sizeof(text)), sizeof(text)) <
        REFUSAL_DECIDED)
        return false;
    return !phrases_any(&error_table, fold_text(question, text, sizeof(text)));
}
