// What people write when they want something translated, summarised, classified, programmed or just
// answered. {T} stands for a text, {L} for a language, {C} for a list of classes, {P} for a programming
// language, {K} for a piece of code, {G} for a programming task, {Q} for a question, {D} for a topic.
// Written for this project; fit-workload.mjs fills them in.

export const languages = `French German Spanish Italian Portuguese Dutch Russian Chinese Japanese Korean Arabic Turkish Polish Swedish
Greek Hebrew Hindi English Danish Norwegian Finnish Czech Hungarian Romanian Ukrainian Vietnamese Thai Indonesian Latin Persian
Bengali Urdu Swahili Catalan Croatian Bulgarian Tagalog Malay Mandarin Cantonese`.split(/\s+/).concat("Brazilian Portuguese", "simplified Chinese", "Swiss German", "Latin American Spanish");

export const translation = `
Translate {L} to {L}: {T}
Translate this to {L}: {T}
Translate to {L}: {T}
Translate into {L}: {T}
Translate into {L}:\n\n{T}
Translate the following text into {L}:\n\n{T}
Translate the following sentence from {L} to {L}:\n{T}
Translate the following {L} text to {L}.\n\n{T}
Translate from {L} into {L}.\n{L}: {T}\n{L}:
Please translate this into {L}.\n\n"{T}"
Please translate the text below to {L}, keep the tone formal.\n\n{T}
Can you translate this into {L} for me? {T}
Could you please translate the paragraph below to {L}?\n\n{T}
I need this translated into {L}: {T}
I need a {L} translation of this email:\n\n{T}
Help me translate this message to my landlord into {L}: {T}
Give me the {L} translation of: {T}
Provide a {L} translation for the text below.\n{T}
What is the {L} translation of "{T}"?
How do you say "{T}" in {L}?
How would I say "{T}" in {L}?
how to say {T} in {L}
what's the {L} word for {D}
what is {D} called in {L}
What does "{T}" mean in {L}?
Say this in {L}: {T}
Put this into {L}: {T}
Write this in {L}: "{T}"
Render the following in idiomatic {L}: {T}
Convert this sentence from {L} to {L}: {T}
Turn this {L} paragraph into {L}: {T}
{L}: {T}\n{L}:
{T}\n\nTranslate the above to {L}.
{T}\n\nTranslate this to {L}
{T}\n\n{L} translation:
{T}\n=> {L}
"{T}" in {L} please
{T} -- in {L}?
in {L}: {T}
to {L}: {T}
You are a professional translator. Translate the user's text into {L} and output only the translation.\n\n{T}
Act as a translator from {L} to {L}. My first sentence is: {T}
You will be provided with a sentence in {L}, and your task is to translate it into {L}.\n{T}
I want you to act as a {L} translator. I will write in any language and you answer with the translation. "{T}"
Translate the subtitles below into {L}, keep the time codes.\n\n{T}
Translate the following product description to {L}. Do not translate brand names.\n\n{T}
Translate every string value of this JSON to {L}, keep the keys:\n{"title": "{T}"}
Translate these UI strings to {L}:\n- {T}\n- {T}
Translate the sentence: {T}
Translate: {T}
Translate this: {T}
Translation into {L}: {T}
Traduce al {L}: {T}
Localize this text for {L} users: {T}
Proofread my translation from {L} to {L}. Source: {T} Target: {T}
Rewrite this {L} text in {L}: {T}
My grandmother wrote me this in {L}, what does it say in English? {T}
Translate the poem below into {L} and keep the rhyme.\n{T}
Source language: {L}\nTarget language: {L}\nText: {T}
Translate each of these sentences into {L}:\n1. {T}\n2. {T}
Given the text in {L}, produce its {L} translation.\n\nText: {T}\nTranslation:
For the sentence below, give an accurate {L} translation.\n{T}
Make the text available to {L} speakers by translating it.\n\n{T}
You are a translator. Translate whatever the user writes into {L}.
You are a translator.
You are an expert translator from {L} to {L}.
You are a translator into {L}. Do not answer questions, translate them.
Your job is to translate the messages of the user into {L}.
You are a professional {L} translator. Translate the user's message to {L}. Output only the translation.
You are a translation engine. Translate all input from {L} to {L}.
Translate everything I send you to {L}.
You translate {L} texts into {L}. Reply with the translation only.
Übersetze ins {L}: {T}
Übersetze den folgenden Text ins {L}:\n\n{T}
Übersetze das bitte auf Deutsch: {T}
Bitte übersetzen Sie den folgenden Satz ins Englische: {T}
Kannst du das ins Französische übersetzen? {T}
Wie sagt man "{T}" auf Spanisch?
Wie heißt {D} auf Englisch?
Übersetzung ins Deutsche: {T}
Ich brauche eine Übersetzung dieses Briefes ins Italienische: {T}
Was bedeutet "{T}" auf Deutsch?
Traduis en anglais : {T}
Traduisez le texte suivant en français :\n\n{T}
Peux-tu traduire cette phrase en allemand ? {T}
Traduction en espagnol : {T}
Comment dit-on "{T}" en italien ?
J'ai besoin de traduire ce message en anglais : {T}
Traduire du français vers l'anglais : {T}
Traduce al inglés: {T}
Traduce el siguiente texto al español:\n\n{T}
¿Puedes traducir esto al francés? {T}
Por favor, traduzca esta frase al alemán: {T}
¿Cómo se dice "{T}" en inglés?
Necesito la traducción al portugués de: {T}
Traduci in inglese: {T}
Traduci il seguente testo in italiano:\n\n{T}
Puoi tradurre questa frase in tedesco? {T}
Come si dice "{T}" in francese?
Traduzione in spagnolo: {T}
Traduza para o inglês: {T}
Traduza o seguinte texto para o português:\n\n{T}
Você pode traduzir isso para o espanhol? {T}
Como se diz "{T}" em francês?
Tradução para o alemão: {T}
Vertaal naar het Engels: {T}
Vertaal de volgende tekst naar het Nederlands:\n\n{T}
Kun je dit in het Duits vertalen? {T}
Hoe zeg je "{T}" in het Frans?
Vertaling naar het Spaans: {T}
Przetłumacz na angielski: {T}
Överset till engelska: {T}
Översätt till svenska: {T}
Oversæt til engelsk: {T}
Przetłumacz poniższy tekst na język niemiecki: {T}
Bunu İngilizceye çevir: {T}
Переведи на английский: {T}
Переведите следующий текст на русский язык:\n\n{T}
Как сказать "{T}" по-немецки?
翻译成英文：{T}
请把下面的文字翻译成中文：{T}
"{T}"用英语怎么说？
次の文章を英語に翻訳してください：{T}
日本語に訳してください。\n{T}
다음 문장을 영어로 번역해 주세요: {T}
한국어로 번역해줘: {T}
ترجم إلى الإنجليزية: {T}
`;

export const summarization = `
Summarize: {T}
Summarise: {T}
Summarize: {T}
Summarize: {T}
Summarize: {T}
Summarize:\n{T}
Summarize:\n\n{T}
Summarise the following: {T}
Summarize: {T}
Summarize: {T}
Summarize. {T}
Summarize the article: {T}
Summarize the news: {T}
Summarize this article: {T}
Summarize this: {T}
Summarize the following text:\n\n{T}
Summarize the following article in {N} sentences:\n\n{T}
Summarize this article for me.\n\n{T}
Summarize the text below as a bullet point list of the most important points.\n\nText: {T}
Summarise the meeting notes below into action items and decisions:\n{T}
Summarize this email thread: {T}
Summarize the conversation between the agent and the customer.\n\n{T}
Please summarize the following passage.\n\n{T}
Please provide a concise summary of the text below:\n\n{T}
Please give me a one paragraph summary of this report:\n{T}
Can you summarize this for me? {T}
Could you sum this up in two sentences?\n\n{T}
Can you give me the gist of this? {T}
Give me a summary of this article: {T}
Give a short summary of the following dialogue:\n{T}
Give me the key takeaways from this transcript:\n\n{T}
Give me the main points of the text below.\n{T}
Write a summary of the following document.\n\n{T}
Write a one-sentence summary of this:\n{T}
Write a brief abstract of the text below: {T}
Write a TL;DR for this post:\n\n{T}
Write an executive summary of this document: {T}
Generate a summary for the following news article: {T}
Generate a headline-length summary: {T}
Create a short synopsis of the story below.\n{T}
Create bullet point notes from this lecture:\n{T}
Produce a summary of at most 50 words. {T}
Condense this into one paragraph: {T}
Condense the following text to its essentials.\n\n{T}
Shorten this text to 100 words while keeping the main ideas:\n{T}
Boil this down to three bullets: {T}
Recap the discussion below.\n{T}
What are the main points of this article?\n\n{T}
What is the main idea of the following paragraph?\n{T}
What are the key takeaways from the text below?\n\n{T}
What's this text about, in short? {T}
tl;dr {T}
TLDR please: {T}
Extract the key points from this: {T}
List the key points of the following text.\n{T}
In {N} sentences, what does this article say?\n{T}
In one sentence, what is the text below about?\n\n{T}
Outline the main arguments of the following essay: {T}
{T}\n\nTL;DR:
{T}\n\nSummary:
{T}\n\nSummarize the above in {N} sentences.
{T}\n\nSummarize this.
{T}\n\nPlease write a short summary of the text above.
{T}\n\nIn short:
{T}\n\nKey points:
{T}\n\nThe main point of this text is
Article: {T}\n\nSummary:
Document: {T}\nSummary of the document:
Dialogue:\n{T}\nWhat is a summary of this dialogue?
Text: """{T}"""\n\nSummarize the text above.
<text>{T}</text>\nSummarize the text in the tags.
Here is a news story. Write highlights for it.\n\n{T}
I don't have time to read this, what does it say? {T}
Read the text below and summarise it for a busy manager.\n\n{T}
You will be given a long document. Your task is to summarise it in {N} sentences.\n\n{T}
You are an expert at summarization. Write a concise summary of the text delimited by triple quotes.\n"""{T}"""
Your task is to generate a short summary of a product review from an ecommerce site.\n\nReview: {T}
Summarize the paper's abstract in plain language: {T}
Summarize the plot of the text below.\n{T}
Summarize for a second grader:\n{T}
Summarize the changes described in these release notes: {T}
Summarize the following customer call and list open questions. {T}
I'd like a summary of this chapter in my own words. {T}
Make a short summary out of these notes:\n- {T}\n- {T}
Take the following transcript and turn it into a brief summary. {T}
Provide the highlights of the following story: {T}
Describe the content of the article briefly.\n\n{T}
You are a summarizer. Summarize the text that the user sends in {N} sentences.
You are an assistant that summarizes documents. Return a summary of the user's text.
Summarize every message you get in {N} bullet points.
You write short summaries of articles. Keep them under 100 words.
Fasse den folgenden Text zusammen:\n\n{T}
Fasse das in drei Sätzen zusammen: {T}
Fassen Sie den Artikel bitte kurz zusammen. {T}
Kannst du das zusammenfassen? {T}
Bitte fasse diese E-Mail in Stichpunkten zusammen: {T}
Schreibe eine Zusammenfassung des folgenden Textes: {T}
Zusammenfassung: {T}
{T}\n\nFasse den Text oben zusammen.
Was sind die wichtigsten Punkte dieses Textes? {T}
Résume le texte suivant :\n\n{T}
Résumez cet article en trois phrases : {T}
Peux-tu résumer ce texte ? {T}
Fais un résumé de ce document : {T}
{T}\n\nRésumé :
Quels sont les points clés de cet article ? {T}
Resume el siguiente texto:\n\n{T}
Resume este artículo en tres frases: {T}
¿Puedes resumir esto? {T}
Haz un resumen de este documento: {T}
Escribe un resumen breve: {T}
{T}\n\nResumen:
Riassumi il seguente testo:\n\n{T}
Riassumi questo articolo in tre frasi: {T}
Puoi riassumere questo testo? {T}
Fai un riassunto di: {T}
Resuma o seguinte texto:\n\n{T}
Resuma este artigo em três frases: {T}
Faça um resumo deste documento: {T}
Você pode resumir isso? {T}
Vat de volgende tekst samen:\n\n{T}
Vat dit artikel samen in drie zinnen: {T}
Kun je dit samenvatten? {T}
Geef een samenvatting van: {T}
Maak een korte samenvatting van deze tekst: {T}
Podsumuj poniższy tekst: {T}
Streść ten artykuł: {T}
Sammanfatta texten: {T}
Aşağıdaki metni özetle: {T}
Кратко изложи следующий текст: {T}
Сделай краткое содержание текста: {T}
总结以下文章：{T}
请概括下面这段话：{T}
次の文章を要約してください：{T}
다음 글을 요약해 주세요: {T}
لخص النص التالي: {T}
`;

export const classification = `
Classify the following text as {C}: {T}
Classify this as {C}: {T}
Classify the sentiment of this review as {C}.\n\n{T}
Classify the text into one of these categories: {C}.\n\nText: {T}\nCategory:
Classify the following customer message into one of the intents: {C}\n\nMessage: {T}\nIntent:
Classify the tweet. Possible labels: {C}.\nTweet: {T}\nLabel:
Classify the support ticket below. Answer with one word.\nLabels: {C}\n\n{T}
Classify the email as {C}. {T}
Classify the intent of the user's query.\nQuery: {T}
Classify each of these sentences as {C}:\n1. {T}\n2. {T}
Categorize the following into {C}: {T}
Categorise this transaction: {T}. Categories: {C}
Categorize the banking query: "{T}". Options: {C}
Label the following comment as {C}: {T}
Label this sentence with one of {C}.\n{T}
Tag this article with one of these topics: {C}\n\n{T}
Assign one of the labels {C} to the text.\n\nText: {T}
Choose the category that best fits the text. Categories: {C}. Text: {T}
Choose one of the following labels for this message: {C}\n{T}
Pick the best label for this text: {C}\n{T}\nLabel:
Select the most appropriate intent from the list: {C}. Utterance: "{T}"
Which of these categories does the following text belong to: {C}?\n\n{T}
Which label fits best: {C}? {T}
Which category does this belong to? {T} Categories: {C}
What is the sentiment of this text? {T}
What is the sentiment of the following sentence: {C}?\n{T}
What is the intent of this customer message? Options: {C}. Message: {T}
What emotion does this text express: {C}? {T}
What topic is this headline about: {C}? {T}
Is the following review {C}?\n{T}
Is this {C}? {T}
Is this email spam or not spam?\n\n{T}
Is this comment toxic? Answer yes or no.\n{T}
Is the sentiment of this tweet positive or negative? {T}
Is the statement below a fact or an opinion? {T}
Determine whether the following text is {C}.\n\n{T}
Determine the sentiment of this review. Reply with {C} only.\n{T}
Determine if this message is urgent. Answer with yes or no.\n{T}
Decide whether this review is {C}: {T}
Decide if the headline is {C}.\n{T}
Detect the language of this text: {T}
Detect the sentiment: {T}
Detect hate speech. Answer {C}.\n{T}
Identify the sentiment of the following text ({C}): {T}
Identify which topic the text is about. Topics: {C}. {T}
Identify the intent: "{T}"
Predict the label ({C}) for this text: {T}
Predict the star rating (1-5) of this review: {T}
Rate the sentiment of this text on a scale from 1 to 5. {T}
Sort this message into {C}: {T}
Tell me whether the following is {C}: {T}
Tell me if this message is a complaint or a question. {T}
Evaluate whether the sentence is {C}.\n{T}
Sentiment analysis: {T}
Perform sentiment analysis on the following text. Output {C}.\n{T}
Given the text, output its class. Classes: {C}\nText: {T}\nClass:
Given the following labels: {C}, which one describes this text? {T}
Given a customer query, predict its intent. Intents: {C}. Query: {T}. Intent:
You are a text classifier. Respond with exactly one of: {C}.\n\n{T}
You are a classification engine. Labels: {C}. Only output the label.\nInput: {T}\nOutput:
Your task is to classify customer feedback. Allowed classes: {C}\n\nFeedback: {T}
Act as a spam filter. {T}
Here is a support request. Route it to one of the teams: {C}.\n\n{T}
Text: {T}\nSentiment:
Text: {T}\nCategory ({C}):
Review: {T}\nSentiment ({C}):
Tweet: {T}\nIs the tweet {C}?
Message: {T}\nIntent:
Sentence: {T}\nLabel:
Headline: {T}\nTopic ({C}):
Headline: {T}\nQ: Is the price going up or down? A:
Please read the headline and answer whether it is {C}.\n{T}
Question: Is the text {C}?\nText: {T}\nAnswer:
Text: {T}\nClass: {c}\n\nText: {T}\nClass: {c}\n\nText: {T}\nClass:
Review: {T}\nSentiment: {c}\n\nReview: {T}\nSentiment:
Q: {T}\nA: {c}\n\nQ: {T}\nA: {c}\n\nQ: {T}\nA:
{T}\n\nClassify the above text as {C}.
{T}\n\nIs the text above {C}?
{T}\n\nWhich category fits: {C}?
{T}\n\nWhat is the sentiment of the text above?
{T}\nOptions: {C}
{T}\n\nLabel ({C}):
Premise: {T}\nHypothesis: {T}\nDoes the premise entail the hypothesis? Answer entailment, neutral or contradiction.
Does the first sentence entail the second? {T} {T} Answer yes, no or maybe.
Do these two sentences mean the same? Answer yes or no.\n1: {T}\n2: {T}
Are these two questions duplicates? "{T}" "{T}"
Does this answer match the question? Reply true or false. {T}
Is the document relevant to the query? Answer relevant or not relevant.\nQuery: {D}\nDocument: {T}
Does the following text contain personal data? yes/no\n{T}
Check if the following comment violates our policy. Reply with allowed or blocked.\n{T}
You are a text classifier. Respond with exactly one of: {C}.
You are a sentiment classifier. Label each message of the user as {C}.
You classify support tickets into {C}. Reply with the label only.
You are an intent classifier for a bank. Intents: {C}
Classify every message of the user as {C}.
Given the categories {C}, what category does this text belong to?\n{T}
Here are some categories: {C}. Which of them does the text below fall under?\n\n{T}
{T}\nGiven a list of categories: {C}, what category does the text belong to?
{T}\nThe text above is about which of these: {C}?
{T}\nTopic?
{T}\n\nSentiment:
{T}\n\nIs this review positive?
{T}\n\nDid the customer like it?
{T}\nDid the author enjoy the product? yes or no
{T}\nDoes the writer recommend it? {C}
{T}\nWould the reviewer buy it again?
{T}\nWhat feeling does the writer express?
{T} What sentiment does this comment express?
{T} How would you describe the tone: {C}?
{T}\nHow many stars does this review give?
{T}\n\nRating (1-5):
The following review expresses what sentiment?\n{T}
The following comment is {C}:\n{T}
How does the author of this review feel about the film? {T}
How does the customer feel, {C}? {T}
Based on this review, would the user recommend the product? {T}
Which part of a newspaper would print this: {C}? {T}
What kind of text is this: {C}?\n{T}
What type of question is this, {C}?\n{Q}
Is this question about {C}?\n{Q}
Question: {Q}\nCategories: {C}\nBest category:
Which class does the question belong to: {C}? {Q}
What is being asked for here, {C}? {Q}
Do sentence A and sentence B express the same meaning? Yes or no.\nA: {T}\nB: {T}
Sentence 1: {T}\nSentence 2: {T}\nIs sentence 2 a paraphrase of sentence 1? Yes or No?
{T}\n{T}\nDo these two mean the same thing?
{Q}\n{Q}\nAre these questions asking the same thing?
Question 1: {Q}\nQuestion 2: {Q}\nAre they duplicates?
Can "{T}" be replaced by "{T}" without changing the meaning?
Sentence A: {T}\nSentence B: {T}\nLabel ({C}):
{T}\nBased on the text above, is it true that "{T}"? Yes, no or maybe?
Given "{T}", can we infer "{T}"? Answer {C}.
Suppose {T} Can we conclude that {T} Yes, no, or maybe?
Title: {T}\nIs this clickbait?
Subject: {T}\nIs this mail important?
User: {T}\nIntent ({C}):
Customer: "{T}"\nWhich department should handle this: {C}?
Query: {T}\nDomain:
What does the user want to do? Choose from {C}.\nUtterance: {T}
Map the utterance to an intent.\nUtterance: {T}
I will give you a review and you tell me if it is {C}. Review: {T}
Mark this as {C}: {T}
Label: {C}\n{T}
Klassifiziere den folgenden Text als {C}: {T}
Klassifiziere die Stimmung dieser Bewertung (positiv, negativ, neutral): {T}
Ordne die Nachricht einer der Kategorien zu: {C}. {T}
Ist diese Bewertung positiv oder negativ? {T}
Ist diese E-Mail Spam? Antworte mit ja oder nein. {T}
Zu welcher Kategorie gehört dieser Text: {C}? {T}
Bestimme die Stimmung des Textes: {T}
Classe ce texte dans une des catégories suivantes : {C}. {T}
Classifie ce message ({C}) : {T}
Cet avis est-il positif ou négatif ? {T}
Quel est le sentiment de ce texte ? {T}
À quelle catégorie appartient ce texte : {C} ? {T}
Clasifica el siguiente texto como {C}: {T}
Clasifica este mensaje en una de estas categorías: {C}. {T}
¿Es esta reseña positiva o negativa? {T}
¿Cuál es el sentimiento de este texto? {T}
¿A qué categoría pertenece este texto: {C}? {T}
Classifica il seguente testo come {C}: {T}
Questa recensione è positiva o negativa? {T}
A quale categoria appartiene questo testo: {C}? {T}
Classifique o texto a seguir como {C}: {T}
Esta avaliação é positiva ou negativa? {T}
Qual é o sentimento deste texto? {T}
A que categoria pertence este texto: {C}? {T}
Classificeer de volgende tekst als {C}: {T}
Is deze recensie positief of negatief? {T}
Tot welke categorie behoort deze tekst: {C}? {T}
Bepaal het sentiment van deze tekst: {T}
Sklasyfikuj tekst jako {C}: {T}
Klassificera texten som {C}: {T}
Классифицируй текст: {C}. {T}
Определи тональность отзыва: {T}
将以下文本分类为{C}：{T}
判断这条评论的情感是正面还是负面：{T}
次のレビューを{C}に分類してください：{T}
다음 문장을 {C}로 분류해 주세요: {T}
`;

export const classes = [
  ["positive", "negative"], ["positive", "negative", "neutral"], ["spam", "not spam"], ["spam", "ham"], ["toxic", "not toxic"],
  ["sports", "politics", "business", "technology"], ["World", "Sports", "Business", "Sci/Tech"], ["joy", "sadness", "anger", "fear", "surprise"],
  ["billing", "technical support", "sales", "other"], ["refund", "delivery", "cancel order", "change address", "complaint"], ["yes", "no"],
  ["true", "false"], ["true", "false", "unknown"], ["urgent", "normal", "low"], ["hateful", "offensive", "neither"], ["fact", "opinion"], ["formal", "informal"],
  ["card arrival", "lost card", "top up failed", "exchange rate", "pin blocked"], ["activate_my_card", "balance_not_updated", "card_swallowed", "transfer_timing"],
  ["bug", "feature request", "question"], ["A", "B", "C"], ["1 star", "2 stars", "3 stars", "4 stars", "5 stars"], ["up", "down", "none"],
  ["entailment", "contradiction", "neutral"], ["book_flight", "play_music", "get_weather", "set_alarm"], ["subjective", "objective"],
  ["fiction", "non-fiction"], ["relevant", "irrelevant"], ["question", "statement", "command"], ["safe", "unsafe"], ["healthy", "unhealthy"], ["human", "animal", "plant"],
];

export const programming = "Python JavaScript TypeScript Java C C++ C# Go Rust PHP Ruby Swift Kotlin R Perl Bash SQL HTML CSS Scala Haskell MATLAB Lua PowerShell Dart React Node.js Django".split(" ");

export const tasks = `reverse a string
sort a list of dictionaries by a key
find the longest common prefix of an array of strings
check if a number is prime
compute the n-th Fibonacci number with memoization
merge two sorted linked lists
parse a CSV file and print the average of a column
read a JSON file and write it back with sorted keys
download all images of a web page
connect to a database and insert rows
implement a binary search tree with insert and delete
implement an LRU cache
find duplicate files in a folder
validate an email address
convert a roman numeral to an integer
count the words in a text file
remove duplicates from an array
detect a cycle in a graph
traverse a directory recursively
send an HTTP request with a retry
rotate a matrix by 90 degrees
compute the edit distance of two strings
group the rows by month and sum the amounts
build a REST API with two endpoints
build a simple calculator
make a responsive navigation bar
center a div
debounce an input field
generate a random password
encrypt a file with AES
find all anagrams in a list of words
print the even numbers from 1 to 100
flatten a nested list
compute the area of a circle
calculate the factorial of a number
find the maximum sum of a subarray
implement quick sort
add two numbers represented by linked lists
balance parentheses in an expression
schedule a job every five minutes`.split("\n");

export const code = `
Write a {P} function to {G}.
Write a {P} program that can {G}.
Write {P} code to {G}
Write a function to {G}.
Write a script to {G}
Write a SQL query to {G}
Write a query that returns the top 5 customers by total sales.
Write a regular expression that matches {D}
Write a regex to match phone numbers.
Write a unit test for this function:\n{K}
Write unit tests for the code below.\n\n{K}
Write docstrings for the following code:\n{K}
Write a Dockerfile for a {P} app.
Write a GitHub Actions workflow that runs the tests on every push.
Write a bash one-liner to {G}
Write a class in {P} to {G}
Write a simple website in HTML with a button that shows a random joke.
Create a {P} class that represents a {D}.
Create a function that takes a list of numbers and returns {D}.
Create a {P} script to {G}.
Create a table called users with columns id, name and email in SQL.
Create a React component that shows {D}
Create an algorithm to {G}.
Develop a {P} program to {G}
Design a {P} class to {G}
Design an algorithm to {G} and give its time complexity.
Construct a query to find all products with a price above 100.
Implement a function to {G} in {P}.
Implement {D} in {P}
Implement the following function.\n{K}
Generate {P} code to {G}.
Generate a {P} script that can {G}
Give me {P} code to {G}
Show me how to {G} in {P}
How do I {G} in {P}?
How can I {G} using {P}?
how to {G} in {P}
What is the best way to {G} in {P}?
What does this code do?\n\n{K}
What does this {P} code do? {K}
What is wrong with this code?\n{K}
What is the output of this program?\n{K}
What is the time complexity of this function?\n{K}
Why does this code throw an error?\n{K}
Why am I getting a NullPointerException here?\n\n{K}
I get "TypeError: 'NoneType' object is not subscriptable" in this code:\n{K}
I get a segmentation fault when I run this:\n{K}
My {P} program does not {G}, here is the code: {K}
Explain this code:\n\n{K}
Explain what the following {P} function does line by line.\n{K}
Explain the following regex: ^[a-z0-9]+@[a-z]+$
Fix the bug in this code.\n\n{K}
Fix this {P} code so that it can {G}:\n{K}
Find the error in the following code: {K}
Find the bug:\n{K}
Debug this {P} code: {K}
Debug the following function.\n{K}
Refactor this code to be more readable:\n{K}
Refactor the function below to use async/await. {K}
Optimize this query:\nSELECT * FROM orders o JOIN users u ON u.id = o.user_id WHERE u.country = 'DE'
Optimize the following {P} code for speed:\n{K}
Rewrite this function in {P}:\n{K}
Rewrite the following code using a list comprehension. {K}
Convert this {P} code to {P}:\n{K}
Convert the following {P} function into {P}.\n\n{K}
Translate this {P} code to {P}:\n{K}
Translate the following function from {P} into {P}.\n{K}
Port this code from {P} to {P}: {K}
Complete the following code.\n\n{K}
Complete the function:\n{K}
Complete this {P} function to {G}:\n\n{K}
Continue the code below:\n{K}
Fill in the missing line in this code: {K}
Add comments to this code:\n{K}
Add type hints to the following function.\n{K}
Add error handling to this code: {K}
Edit the given code so that it can {G}.\n{K}
Modify the following code to {G}: {K}
Simplify the following code.\n{K}
Review this pull request:\n{K}
Review this code and suggest improvements: {K}
Given the following {P} code, {G}.\n{K}
Given an array of integers, write code to {G}. Constraints: 1 <= n <= 10^5
You are given a string s. Return the number of ways to {G}.\n\nExample 1:\nInput: s = "abc"\nOutput: 3
You are an expert {P} programmer. {G}.
Act as a senior software engineer. Write a {P} module to {G}.
{K}\n\nWhat does this do?
{K}\n\nFix it.
{K}\n\nRewrite this in {P}.
{K}\nWhy does this fail?
{K}
{K}
{K}
{K}
Set up a {P} project with linting and tests
Configure nginx to redirect HTTP to HTTPS
Give me the git command to undo the last commit
What git command shows the history of a file?
How do I resolve a merge conflict in git?
How to fix "ModuleNotFoundError: No module named requests"
Make a {P} game where the player has to {G}
Build a web scraper in {P} to {G}
Build a CSS animation that fades in a {D}
Use {P} to {G}.
Using {P}, {G}
In {P}, how do I {G}?
In {P}, {G}.
What is the difference between == and === in JavaScript?
What is the difference between a list and a tuple in Python?
Explain closures in JavaScript with a code example.
Explain pointers in C with an example program
You are an expert {P} developer. Answer with code only.
You are a coding assistant. Write clean {P} code.
You are GitHub Copilot. Complete the user's code.
Schreibe eine Funktion in {P}, um {D} zu berechnen.
Schreib mir ein {P}-Skript, das eine CSV-Datei einliest.
Was macht dieser Code?\n{K}
Finde den Fehler in diesem Code: {K}
Warum funktioniert dieser Code nicht? {K}
Écris une fonction {P} qui trie une liste.
Écris un script {P} pour lire un fichier CSV.
Que fait ce code ?\n{K}
Corrige ce code : {K}
Escribe una función en {P} que ordene una lista.
Escribe un script en {P} para leer un archivo CSV.
¿Qué hace este código?\n{K}
Corrige este código: {K}
Scrivi una funzione in {P} che ordina una lista.
Cosa fa questo codice? {K}
Escreva uma função em {P} que ordena uma lista.
O que este código faz? {K}
Schrijf een functie in {P} die een lijst sorteert.
Wat doet deze code? {K}
Напиши функцию на {P}, которая сортирует список.
用{P}写一个函数来排序列表
{P}でリストをソートする関数を書いてください
{P}로 리스트를 정렬하는 함수를 작성해 주세요
`;

export const topics = `the French revolution
electric cars
growing tomatoes
time management
a trip to Japan
sourdough bread
the solar system
remote work
a birthday party
chess openings
budgeting for students
the history of jazz
a leaking tap
machine translation
software engineering
text classification
renewable energy
a job interview
stoic philosophy
yoga for beginners
black holes
the stock market
a wedding speech
dog training
mediaeval castles
python snakes
learning a language
programming as a career
coral reefs
the immune system
a summary of the year
a code of conduct
moving abroad
coffee
public speaking
the water cycle
an old lighthouse
friendship
artificial intelligence in schools
a lost cat`.split("\n");

export const questions = `Who was the first woman in space?
What is the capital of Australia?
when does the next season start
How many people live in Norway?
Why is the sky blue?
What causes inflation?
who sang the original version of that song
Where is the largest desert in the world?
When was the printing press invented?
How does a heat pump work?
Which planet has the most moons?
Who translated the Bible into German?
What does a code of ethics contain?
what is the meaning of life
How tall is Mount Everest?
Why did the Roman Empire fall?
What are the main points of the Treaty of Versailles?
How are stars classified?
Who wrote a summary of Roman law?
What language do they speak in Brazil?
Is it safe to eat raw eggs?
Can dogs eat chocolate?
Are whales mammals?
What class of animals do frogs belong to?
how long do I boil an egg`.split("\n");

export const chat = `
{Q}
{Q}
{Q}
{Q}
Hi, how are you?
hello
Hey there! What's up?
Good morning! Can you help me with something?
Thanks, that was helpful!
ok
yes please
No, I meant the other one.
Can you make it shorter?
Make it sound more friendly.
Continue.
Tell me more about {D}.
Tell me a joke about {D}
Tell me about {D}
Tell me a story about {D}
Write a poem about {D}.
Write a haiku about {D}
Write a short story about {D}.
Write a blog post about {D}.
Write an essay on {D}.
Write an essay discussing {D} in at least 500 words.
Write an email to my boss about {D}.
Write a polite email declining an invitation to talk about {D}
Write a cover letter for a job in {D}.
Write a letter of complaint about {D}.
Write a speech about {D}
Write a song about {D} in the style of the Beatles
Write a product description for {D}
Write a tweet about {D}.
Write a LinkedIn post about {D}
Write a dialogue between two friends about {D}
Write a paragraph about {D}.
Write an article about {D} for a general audience.
Write a persuasive argument for {D}
Write a description of {D}
Write a review of a book about {D}
Write a resume summary for someone who works in {D}
Compose a travel blog post about {D}, highlighting cultural experiences.
Compose a letter to my friend about {D}
Draft a professional email seeking feedback on {D}.
Draft an agenda for a meeting about {D}.
Draft a press release about {D}
Describe {D} in vivid detail.
Describe a day in the life of someone who loves {D}
Create a meal plan for a week.
Create a lesson plan on {D}.
Create an outline for an essay about {D}.
Create a list of questions about {D}
Create a character who is obsessed with {D}
Create a slogan for {D}
Generate a list of ten ideas about {D}
Generate five interview questions about {D}.
Generate a story from these points: {T}
Generate a title for a book about {D}
Brainstorm names for a company in {D}
Suggest three books about {D}.
Suggest a gift for someone who likes {D}
Recommend a movie about {D}
Recommend me a restaurant
Give me advice about {D}.
Give me tips on {D}
Give three examples of {D}
Give me a recipe with chickpeas and spinach
Plan a three day trip to Lisbon for a family.
Help me prepare for {D}
Help me understand {D}
Explain {D} to a five year old.
Explain {D}.
Explain how {D} works
Explain the difference between {D} and {D}.
Explain the causes of {D}
Compare {D} and {D}
What do you think about {D}?
What is {D}?
What are the benefits of {D}?
What are some good ideas for {D}?
What should I know about {D}?
What is the history of {D}?
What would happen if there were no {D}?
What's the best way to learn about {D}
How do I start with {D}?
How can I improve at {D}?
How does {D} affect society?
Why is {D} important?
Who invented {D}?
Should I learn about {D}?
Is {D} worth it?
Can you explain {D}?
Can you help me with {D}?
Could you give me an overview of {D}?
Do you know anything about {D}
I feel sad today because of {D}.
I am writing a novel about {D}. Can you help me with the plot?
I have an interview tomorrow about {D}, what should I say?
I want to learn about {D}. Where do I start?
I'm thinking about {D}, any thoughts?
My friend is into {D}. What should I get her?
Let's talk about {D}
Let's play a game: you are the narrator of a story about {D}.
Imagine you are {D}. Describe your day.
Imagine a conversation between Newton and Einstein about {D}
Pretend to be a pirate and tell me about {D}
Pretend to be Elon Musk in all the following conversations. {Q}
Act as a personal trainer and make a plan for me.
Act as an interviewer and ask me questions about {D}
Take on the role of a doctor and tell me about {D}
You are a helpful assistant. {Q}
You are a mathematician. {Q}
You are a helpful assistant.
You are a helpful, friendly assistant. Answer the user's questions.
You are ChatGPT, a large language model. Knowledge cutoff: 2023.
You are a customer service agent of a shop. Be polite.
You are a tutor for school children. Explain things simply.
You are Claude. Be honest and kind.
You are a creative writer.
Embody the persona of Tony Stark. {Q}
Discuss {D}
Discuss the pros and cons of {D}.
Analyze the impact of {D}
Provide insights into {D}
Provide a list of facts about {D}
List five facts about {D}
List the main causes of {D}
List some ways to get better at {D}.
Name three countries known for {D}
Rewrite this sentence to be more polite: {T}
Rewrite the following paragraph in a formal tone.\n\n{T}
Rephrase this: {T}
Paraphrase the following: {T}
Correct the grammar in this text: {T}
Correct the spelling mistakes:\n{T}
Edit the following paragraph to correct any grammatical errors: {T}
Proofread this email: {T}
Improve this text: {T}
Expand this into a longer paragraph: {T}
Continue this story: {T}
Finish this sentence: {T}
Reply to this email politely: {T}
Answer this customer email: {T}
Extract all names and dates from this text: {T}
Extract the following information from the text: names, places. Return JSON.\n{T}
Find all the people mentioned in this text.\n{T}
Identify the people, places and companies in the following article. Return a JSON object with lists.\n\n{T}
Label the named entities in this sentence as person, place or organisation: {T}
Given the article below, extract the names of all companies.\n{T}
Read the news article and list the countries that it mentions. {T}
Extract all numbers from the report and return them as JSON.\n{T}
Each puzzle has three clues. Use the clues to answer. {M}
If all cats are animals and some animals are black, are some cats black?
Given the statements below, is the conclusion true, false or uncertain? Explain your reasoning. {M}
Evaluate this essay and suggest improvements.\n{T}
Analyze these customer reviews and write a comparison of the phones. {T}
Ask me a question about this text: {T}
Answer the question based on the context below.\n\nContext: {T}\n\nQuestion: {Q}\nAnswer:
Answer the following question using only the passages below.\n\n[1] {T}\n[2] {T}\n\nQuestion: {Q}
Answer the question: {Q}
Answer in one sentence. {Q}
Use the following pieces of context to answer the question at the end. If you don't know the answer, just say that you don't know.\n\n{T}\n\nQuestion: {Q}\nHelpful Answer:
Context: {T}\n\nQuestion: {Q}
Context information is below.\n---\n{T}\n---\nGiven the context information, answer the query: {Q}
Documents:\n{T}\n\n{T}\n\nBased on the documents, {Q}
Passage: {T}\nQuestion: {Q}\nAnswer:
Read the passage and answer the question.\n{T}\n{Q}
Read the text below and answer: {Q}\n\n{T}
According to the text, {Q}\n\n{T}
Based on the article, {Q} {T}
{T}\n\n{Q}
{T}\n{Q}
{T}\n\n{T}\n{Q}
{T}\n\nQuestion: {Q}
{T}\n\nBased on the above, {Q}
{T}\n\nWhat happens next?
{T}\n\nWhat do you think about this?
{T} {Q}
Question: {Q}\nAnswer:
Q: {Q}\nA:
Question: {Q}\n\nContext: {T}\n\nAnswer:
{Q}\n(A) one\n(B) two\n(C) three\n(D) none of them
{Q}\nA. yes\nB. no\nC. sometimes\nD. never\nAnswer:
The following are multiple choice questions (with answers) about {D}.\n\n{Q}\nA. 1\nB. 2\nC. 3\nD. 4\nAnswer:
{Q}\nChoices: {D}, {D}, {D}
{Q}\n\nOptions:\n(A) {D}\n(B) {D}\n(C) {D}\n(D) {D}
{Q} Choose from: {D}; {D}; {D}.
Which of the following is true about {D}?\nA. {T}\nB. {T}\nC. {T}\nD. {T}\nAnswer:
Which of the following best explains {D}?\nA) {T}\nB) {T}\nC) {T}
Question: {Q}\nA. {D}\nB. {D}\nC. {D}\nD. {D}\nAnswer:
Pick the correct answer. {Q}\n1) {D}\n2) {D}\n3) {D}
{M}\nA) 12\nB) 15\nC) 18\nD) 20
{T}\n\n{Q}\nA. {D}\nB. {D}\nC. {D}
Answer the following multiple choice question. {Q}\nA. {D}\nB. {D}\nC. {D}
{M}
{M}
{M}
Solve: {M}
Solve the equation 3x + 5 = 20.
Solve for x: x^2 - 5x + 6 = 0
Find the value of f(2) given that f(x) = 5x^3 - 2x + 3.
What is 15% of 240?
Calculate the area of a triangle with sides 3, 4 and 5.
Prove that the square root of 2 is irrational.
Let's think step by step. {M}
If a train travels at 60 km/h for 2.5 hours, how far does it go?
The vertices of a triangle are at points (0, 0), (-1, 1), and (3, 3). What is the area of the triangle?
Who are the main characters of the book about {D}, and what is it about?
Which translation of the Odyssey should I read?
Is it hard to become a translator?
How does Google Translate work?
Can you recommend a good language course for French?
What is the most beautiful word in German?
What are the official languages of Switzerland?
Write a story in French about {D}.
Write a poem about {D} in Spanish
Antworte auf Deutsch: {Q}
How do I write a good summary?
What makes a good abstract for a paper?
Explain the difference between a summary and a synopsis
How are books classified in a library?
What is the Dewey classification?
How does a spam filter work?
What is sentiment analysis?
What are the categories of rocks?
Is programming hard to learn?
Should I learn Python or Java first?
What is a computer virus?
Who invented the C programming language?
What jobs can I get as a developer?
Write a job description for a software engineer
Write a blog post about why Python is popular
Write a funny story about a programmer
What are the positive and negative effects of {D}?
Tell me the good and the bad sides of {D}
Design a workout for me
Design a logo idea for {D}
Schreibe ein Gedicht über den Herbst.
Schreibe eine E-Mail an meinen Vermieter.
Was ist die Hauptstadt von Frankreich?
Erkläre mir die Photosynthese.
Wie koche ich Reis?
Wer war Otto von Bismarck?
Kannst du mir bei meiner Bewerbung helfen?
Hallo, wie geht es dir?
Gib mir Tipps gegen Rückenschmerzen
Beantworte die Frage anhand des Textes. Text: {T} Frage: {Q}
Écris un poème sur la mer.
Écris un e-mail à mon propriétaire.
Quelle est la capitale de l'Italie ?
Explique-moi la photosynthèse.
Comment cuire du riz ?
Bonjour, comment ça va ?
Donne-moi des idées de cadeaux
Escribe un poema sobre el mar.
Escribe un correo a mi casero.
¿Cuál es la capital de Italia?
Explícame la fotosíntesis.
¿Cómo se cocina el arroz?
Hola, ¿cómo estás?
Dame ideas para un regalo
Scrivi una poesia sul mare.
Qual è la capitale della Francia?
Spiegami la fotosintesi.
Come si cuoce il riso?
Ciao, come stai?
Escreva um poema sobre o mar.
Qual é a capital da França?
Explique a fotossíntese.
Como cozinhar arroz?
Olá, tudo bem?
Schrijf een gedicht over de zee.
Wat is de hoofdstad van Frankrijk?
Leg fotosynthese uit.
Hoe kook ik rijst?
Hallo, hoe gaat het?
Напиши стихотворение о море.
Какая столица Франции?
Привет, как дела?
写一首关于大海的诗
法国的首都是哪里？
你好
海についての詩を書いてください
フランスの首都はどこですか？
안녕하세요
프랑스의 수도는 어디인가요?
`;

// Short texts in several languages, for translations and the like.
export const sentences = {
  German: ["Der Zug nach München fährt heute leider zwanzig Minuten später ab.", "Wir haben gestern im Garten gegrillt und viel gelacht.", "Die Stadt plant, den alten Bahnhof in ein Museum umzubauen.", "Könnten Sie mir bitte die Rechnung bringen?", "Nach langen Verhandlungen einigten sich beide Seiten auf einen neuen Vertrag.", "Ich weiß nicht, ob er morgen kommt.", "Das Buch liegt auf dem Tisch neben der Lampe.", "Der Bürgermeister eröffnete am Samstag die neue Brücke über den Fluss."],
  French: ["Le train pour Lyon partira avec une heure de retard.", "Nous avons passé une très belle soirée au bord de la mer.", "La mairie veut transformer l'ancienne gare en musée.", "Pourriez-vous m'apporter l'addition, s'il vous plaît ?", "Je ne sais pas s'il viendra demain.", "Le livre est sur la table à côté de la lampe.", "Après de longues négociations, un accord a été signé."],
  Spanish: ["El tren a Sevilla saldrá con una hora de retraso.", "Pasamos una noche preciosa junto al mar.", "El ayuntamiento quiere convertir la vieja estación en un museo.", "¿Me trae la cuenta, por favor?", "No sé si vendrá mañana.", "El libro está en la mesa al lado de la lámpara.", "Me encantó este producto, llegó muy rápido."],
  Italian: ["Il treno per Roma partirà con un'ora di ritardo.", "Abbiamo passato una bella serata in riva al mare.", "Il comune vuole trasformare la vecchia stazione in un museo.", "Mi porta il conto, per favore?", "Non so se verrà domani.", "Il libro è sul tavolo accanto alla lampada."],
  Portuguese: ["O trem para o Porto vai sair com uma hora de atraso.", "Passamos uma noite maravilhosa à beira-mar.", "A prefeitura quer transformar a antiga estação em um museu.", "Pode trazer a conta, por favor?", "Não sei se ele vem amanhã.", "O livro está na mesa ao lado do abajur."],
  Dutch: ["De trein naar Utrecht vertrekt een uur later.", "We hebben een heerlijke avond aan zee gehad.", "De gemeente wil het oude station ombouwen tot een museum.", "Mag ik de rekening, alstublieft?", "Ik weet niet of hij morgen komt.", "Het boek ligt op de tafel naast de lamp."],
  Other: ["Поезд в Москву опаздывает на час.", "Мы провели прекрасный вечер у моря.", "Я не знаю, придёт ли он завтра.", "火车晚点一个小时。", "我们在海边度过了一个美好的夜晚。", "我不知道他明天会不会来。", "電車は一時間遅れています。", "昨日は友達と海に行きました。", "기차가 한 시간 늦습니다.", "어제 친구와 바다에 갔어요.", "القطار متأخر ساعة.", "Tren bir saat gecikmeli.", "Pociąg spóźni się godzinę.", "Tåget är en timme sent."],
};

export const shorts = ["good morning", "thank you very much", "where is the train station", "I love you", "see you tomorrow", "cheese", "the meeting starts at nine", "I would like a table for two", "happy birthday", "How much does it cost?", "my dog is hungry", "Please call me back", "The food was great but the service was slow.", "I have been waiting for my card for two weeks.", "This phone is the worst thing I ever bought.", "Win a free holiday now, click here!", "My package never arrived and nobody answers.", "Shares rise after strong quarterly results", "The team won the final in extra time.", "You are an idiot.", "What a lovely day!", "I can't log in to my account anymore.", "How do I change my PIN?", "The battery lasts two days, I'm impressed."];

// Requests put together from parts: one of each list, in order.
const nouns = "text email message article paragraph sentence passage document review post comment story conversation dialogue report paper transcript tweet letter speech chapter headline thread note description".split(" ");
const which = ["the following {n}", "this {n}", "the given {n}", "the {n} below", "the {n}", "the provided {n}", "the following {n}s", "a given {n}"];
const opening = ["", "", "", "", "You are given a {n}. ", "In this task, you are given a {n}. ", "Given a {n}, ", "Given the {n} below, ", "Your task is to read the {n}. ", "Read the following {n} carefully. ", "Please ", "Could you ", "Can you ", "I want you to ", "I'd like you to ", "You need to ", "You should "];
const input = ["\n\n{T}", "\n{T}", ": {T}", "\n\nInput: {T}", "\n\n\"{T}\"", "\n\n{N}: {T}", ".\n\n{T}\n\nOutput:", "\nInput:\n{T}"];
const maybe = ["", "", "", ".", "\n\n{D}", "\n\nTopic: {D}", ": {D}", "\n{d}", "\n\nInput: {d}"];
const things = `a motto for the given shop
a list of warm drinks
three gift ideas for a teacher
the pros and cons of the given plan
a weekly training plan
a table with the planets and their sizes
a persuasive advertisement for the given product
a caption for the given photo
a recipe for the given dish
the ingredients of the given dish
a limerick about the given animal
a polite answer to the given letter
the capital of the given country
the meaning of the given proverb
synonyms of the given word
the antonym of the word
a word that rhymes with the given word
words that match the pattern
a definition of the word
an example sentence with the word
the name of the song with these lyrics
movies like the given one
the names of three famous painters
five questions for a quiz
an outline for a talk
a schedule for the day
an itinerary for two days
a budget for the trip
the distance between the two cities
the tip for the given amount
the next number in the sequence
the value of x
the sum of the numbers
the largest of the numbers
all pairs of numbers with the given sum
the given measurement in other units
the date three weeks from today
a story with the given words
the ending of the story
the first lines of a novel
a scene in an old house
a conversation between a cat and a dog
a character's background
names for a new café
a title for the blog post
tips for the first day at work
advice for the given situation
steps to assemble the shelf
instructions for the exercise
the rules of the game
a strategy for the board game
reasons to learn an instrument
facts about the given country
a biography of the given person
the birth year of the person
the address of the museum
the opening hours
a thank-you note
an invitation to a party
a complaint to the airline
an apology to a customer
an announcement of the new job
the skills needed for the job
a job description
interview questions for the given position
a performance review
a mission statement
hashtags for the post
emojis that fit the mood
the grammar mistakes
the misspelt word and its correction
the sentence in the third person
the sentence in the passive voice
a more formal version of the sentence
the missing word in the blank
the people and places mentioned in the text
all dates in the text
the phone number in the text
the answer to the question in the text
the arguments of the author
what the author feels and why
an analogy for the concept
a metaphor for the situation
the concept in simple terms
why the joke is funny
why leaves change colour
how a bicycle stays upright
what happens after the experiment
the possible causes of the symptom
home remedies for a cough
the laws about noise at night
a study plan for the exam
the chapters of the course
exercises for the lesson
a chess opening for beginners
the best time to visit the city
places to see in the city
a workout without equipment
snacks for a party
a vegetarian menu
an idea for a science project
materials for the project
questions to start a conversation
a bedtime story
a riddle
a haiku
a rap about maths
lyrics for the chorus
a wedding toast
a compliment
a survey about eating habits
a checklist for moving house
a comparison of the two products in a table
the advantages of each option
the differences between the two
the history of the word
the plot of the given movie
the genre of music
the timeline of events
a citation in the given style
the bibliography entry in another style`.split("\n");
const verbs = ["Write", "Give", "Give me", "Make", "Create", "Generate", "Provide", "Suggest", "List", "Find", "Identify", "Describe", "Explain", "Come up with", "Think of", "Design", "Prepare", "Produce", "Tell me", "Show me", "Complete", "Compose", "Recommend", "Name", "Return", "Output", "Construct", "Determine", "Calculate", "Work out", "Fill in", "Convert the input to", "Extract", "Invent", "Plan", "Brainstorm", "Propose", "Develop", "Discuss", "Imagine", "Answer with", "Rewrite the input as"];
const codeThings = `a regular expression that matches {d}
the regular expression for the description
a bash command that can {G}
a shell command to {G}
a terminal command to list large files
a SQL query for the question
a SQL statement to create the table
the SQL to {G}
an HTML page with a form
the HTML tag for the required action
the HTML for a table with three columns
a CSS rule for the given colour
CSS that centers the box
a Google Sheets formula for the description
an Excel formula that adds the column
a Makefile for the project
a YAML file for the pipeline
a Dockerfile
a cron expression for every Monday
a JSON schema for the object
a unit test for the method
test cases for the function
a {P} class for {d}
a {P} function that can {G}
a {P} program to {G}
correct {P} code to fulfil the purpose: {G}
a code snippet to {G}
an algorithm to {G}
pseudocode to {G}
a data structure for {d}
an API endpoint that returns {d}
a recursive function to {G}
a loop that can {G}
a script which can {G}
the import statement for the library
a constructor for the class
a method to {G}
comments for the code
the output of the program
the bug in the program
the runtime complexity of the code
a lambda expression to {G}
a git command to {G}
a LaTeX table with two columns
a VBA macro to {G}
an awk one-liner to {G}
the query in MongoDB
a Pandas expression to {G}
a TensorFlow model
a {P} decorator
an enum in {P}`.split("\n");
const classTests = ["is spam", "is spam or not", "is positive or negative", "is positive, negative or neutral", "is offensive", "is sarcastic", "contains hate speech", "contains toxic language", "is toxic", "is a question", "is urgent", "is a complaint", "is about sports", "is about politics or science", "is true or false", "is fake news", "is formal or informal", "expresses joy or anger", "is grammatically acceptable", "is a promotion", "is relevant to the query", "supports the claim", "is ethical", "recommends the product", "is satisfied or dissatisfied", "is sexist", "is written in English", "is fact or opinion", "has a positive impact on the stock", "is safe for children", "has the same meaning as the second one", "is a duplicate of the other one", "belongs to sports or business", "is {C}"];
const classVerbs = ["Decide whether", "Decide if", "Determine whether", "Determine if", "Tell me whether", "Tell if", "Tell me if", "Say whether", "Judge whether", "Predict whether", "Predict if", "Detect whether", "Detect if", "Identify whether", "Identify if", "Check whether", "Check if", "Assess whether", "Evaluate if", "Classify whether", "Indicate whether", "State whether", "Output whether", "Find out whether", "Label whether"];
const answers = ["", "", ". Answer yes or no", ". Answer \"yes\" or \"no\"", ". Output 1 or 0", ". Output true if it is, otherwise false", ". Respond with one word", ". Return only the label", ". Your answer should be {C}", ". Options: {C}", " ({C})", ". The labels are {C}", ". Only answer with {C}"];
const labelVerbs = ["Classify", "Categorize", "Label", "Tag", "Sort", "Assign a category to", "Choose a topic for", "Choose the right class for", "Pick a label for", "Pick a category for", "Predict the label of", "Predict the sentiment of", "Predict the intent of", "Identify the sentiment of", "Identify the category of", "Identify the intent of", "Identify the topic of", "Determine the sentiment of", "Determine the topic of", "Analyze the sentiment of", "Assess the sentiment of", "Evaluate the sentiment of", "Rate the sentiment of", "Find the most fitting category for", "Detect the emotion of", "Select the category of", "What is the sentiment of", "What is the topic of", "What is the category of", "Which category fits"];
const into = ["", "", " into {C}", " as {C}", " into one of {C}", " into one of the following categories: {C}", " into these categories: {C}", ". Categories: {C}", ". Possible labels: {C}", ". Topic candidates include: {C}", ". It can be {C}", " based on its topic", " ({C})", " from the list: {C}", ". The options are {C}"];
const sumVerbs = ["Summarize", "Summarise", "Sum up", "Condense", "Briefly summarize", "Shorten", "Recap", "Write a summary of", "Give a summary of", "Give a brief summary of", "Provide a summary of", "Provide an overview of the content of", "Create a summary of", "Create a short, concise summary of", "Generate a summary of", "Make a summary of", "Produce an abstract of", "Write a short synopsis of", "Write a TL;DR of", "Give the gist of", "Give the main points of", "List the main points of", "Extract the key points of", "Extract the main ideas from", "Describe the content of", "State the main idea of", "Make a one-sentence summarization of", "Draft an executive summary of", "Give me a rundown of", "Outline the key findings of"];
const sumHow = ["", "", "", " in one sentence", " in two sentences", " in {N} bullet points", " with several bullet points", " briefly", " in a brief manner", " in a few words", " in less than 50 words", " for a busy reader", " in simple language", " concisely", ", keep the important facts", " so that a child understands it", ". Use at most 100 words", " in plain English", ". Focus on the decisions"];
const transVerbs = ["Translate", "Please translate", "Convert", "Render", "Put", "Translate accurately", "Turn"];
const transTo = [" into {L}", " to {L}", " from {L} into {L}", " from {L} to {L}", " in {L}", " to natural {L}", " into formal {L}", " into fluent {L}", " into {L} for a native reader"];
const fromInput = ["\n\n{T}", "\n{T}", ": {T}", ": \"{T}\"", ".\n\nText: {T}", ".\n{L}: {T}\n{L}:", ".\n\n{T}\n\nTranslation:"];

export const grammar = {
  chat: [[opening, verbs, [" "], things, maybe], [opening, verbs, [" "], things, input], [verbs, [" "], things, maybe]],
  code: [[opening, verbs, [" "], codeThings, ["", "", ".", "\n\n{K}", "\n\nDescription: {G}", "\n\nInput: {d}"]], [verbs, [" "], codeThings, ["", "."]]],
  classification: [[opening, classVerbs, [" "], which, [" "], classTests, answers, input], [opening, labelVerbs, [" "], which, into, input],
    [["{T}\n\n"], classVerbs, [" "], which, [" "], classTests, answers], [["{T}\n\n"], labelVerbs, [" "], which, into], [["{T}\n\nIs "], which, [" "], classes.map((c) => c.join(" or ")), ["?"]]],
  summarization: [[opening, sumVerbs, [" "], which, sumHow, input], [["{T}\n\n"], sumVerbs, [" "], which, sumHow]],
  translation: [[opening, transVerbs, [" "], which, transTo, fromInput], [["{T}\n\n"], transVerbs, [" "], which, transTo, ["", "."]]],
};
export { nouns };
