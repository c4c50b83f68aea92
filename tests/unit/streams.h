/* streams - answers of each vendor's shape, streamed and not, for tests; ' stands for ". */
#ifndef TESTS_STREAMS_H
#define TESTS_STREAMS_H

#include <stdlib.h>
#include <string.h>

#include "http/sse.h"
#include "llm/recording.h"
#include "llm/reply.h"
#include "json/walk.h"

struct vendor_stream {
    const char *name;
    enum api api;
    const char *events;
    const char *body;
    const char *text; /* of the first choice */
    enum reply_finish finish;
    bool has_tools;
    int64_t input;
    int64_t output;
};

#define CHUNK(head, choices) "data: {" head ",'choices':[" choices "]}\n\n"
#define OPENAI                                                                                     \
    "'id':'chatcmpl-9l','object':'chat.completion.chunk','created':1721075653,'model':'gpt-4o-"    \
    "mini-2024-07-18','service_tier':'default','system_fingerprint':'fp_50ca'"
#define OPENAI_BODY                                                                                \
    "{'id':'chatcmpl-9l','object':'chat.completion','created':1721075653,'model':'gpt-4o-mini-"    \
    "2024-07-18','service_tier':'default','system_fingerprint':'fp_50ca','choices':["
#define DELTA(index, delta, finish)                                                                \
    "{'index':" #index ",'delta':" delta ",'logprobs':null,'finish_reason':" finish "}"
#define USAGE_OPENAI_9_2                                                                           \
    "{'prompt_tokens':9,'completion_tokens':2,'total_tokens':11,'prompt_tokens_details':{'cached_" \
    "tokens':0},'completion_tokens_details':{'reasoning_tokens':0}}"
#define DEEPSEEK                                                                                   \
    "'id':'1f63','object':'chat.completion.chunk','created':1718345013,'model':'deepseek-"         \
    "reasoner','system_fingerprint':'fp_a49d'"
#define OPENROUTER                                                                                 \
    "'id':'gen-17','provider':'OpenAI','model':'openai/gpt-4o','object':'chat.completion.chunk',"  \
    "'created':1718345013"
#define OLLAMA                                                                                     \
    "'id':'chatcmpl-444','object':'chat.completion.chunk','created':1721075653,'model':'llama3.2'" \
    ","                                                                                            \
    "'system_fingerprint':'fp_ollama'"
#define VLLM "'id':'chatcmpl-f1','object':'chat.completion.chunk','created':1721075653,'model':'Q'"
#define LLAMA_CPP                                                                                  \
    "'created':1721075653,'id':'chatcmpl-tr','model':'gpt-3.5-turbo','system_fingerprint':'b4524'" \
    ","                                                                                            \
    "'object':'chat.completion.chunk'"
#define CLAUDE(type, rest) "event: " type "\ndata: {'type':'" type "'" rest "}\n\n"

static const struct vendor_stream vendor_streams[] = {
    {.name = "OpenAI, padded, usage at the end",
     .api = API_CHAT,
     .events = CHUNK(OPENAI, DELTA(0, "{'role':'assistant','content':'','refusal':null}", "null"))
         CHUNK(OPENAI, DELTA(0, "{'content':'H\xc3\xa9llo'}", "null"))
             CHUNK(OPENAI, DELTA(0, "{'content':' \\u00e9\\ud83d\\ude00\\n'}", "null"))
                 CHUNK(OPENAI ",'obfuscation':'x9ab'", DELTA(0, "{'content':'!'}", "null"))
                     CHUNK(OPENAI, DELTA(0, "{}", "'stop'"))
                         CHUNK(OPENAI ",'usage':" USAGE_OPENAI_9_2, "") "data: [DONE]\n\n",
     .body = OPENAI_BODY
     "{'index':0,'message':{'role':'assistant','content':'H\xc3\xa9llo \\u00e9\\ud83d\\ude00\\n!',"
     "'refusal':null},'logprobs':null,'finish_reason':'stop'}],'usage':" USAGE_OPENAI_9_2 "}",
     .text = "H\xc3\xa9llo \xc3\xa9\xf0\x9f\x98\x80\n!",
     .finish = REPLY_STOP,
     .input = 9,
     .output = 2},
    {.name = "OpenAI, two tools at once",
     .api = API_CHAT,
     .events = CHUNK(
         OPENAI,
         DELTA(0,
               "{'role':'assistant','content':null,'tool_calls':[{'index':0,'id':'call_1','type':"
               "'function','function':{'name':'get_weather','arguments':''}}]}",
               "null"))
         CHUNK(OPENAI,
               DELTA(0, "{'tool_calls':[{'index':0,'function':{'arguments':'{\\\"ci'}}]}", "null"))
             CHUNK(OPENAI,
                   DELTA(0, "{'tool_calls':[{'index':0,'function':{'arguments':'ty\\\":1}'}}]}",
                         "null"))
                 CHUNK(OPENAI,
                       DELTA(0,
                             "{'tool_calls':[{'index':1,'id':'call_2','type':'function','function':"
                             "{'name':'get_time','arguments':'{}'}}]}",
                             "null")) CHUNK(OPENAI, DELTA(0, "{}", "'tool_calls'"))
                     CHUNK(OPENAI ",'usage':" USAGE_OPENAI_9_2, "") "data: [DONE]\n\n",
     .body = OPENAI_BODY
     "{'index':0,'message':{'role':'assistant','content':null,'tool_calls':[{'id':'call_1','type':"
     "'function','function':{'name':'get_weather','arguments':'{\\\"city\\\":1}'}},{'id':'call_2',"
     "'type':'function','function':{'name':'get_time','arguments':'{}'}}]},'logprobs':null,'finish_"
     "reason':'tool_calls'}],'usage':" USAGE_OPENAI_9_2 "}",
     .text = "",
     .finish = REPLY_TOOLS,
     .has_tools = true,
     .input = 9,
     .output = 2},
    {.name = "OpenAI, two choices in turn, log probabilities",
     .api = API_CHAT,
     .events = CHUNK(OPENAI, "{'index':0,'delta':{'role':'assistant','content':''},'logprobs':null,"
                             "'finish_reason':null}")
         CHUNK(OPENAI, "{'index':1,'delta':{'role':'assistant','content':''},'logprobs':null,"
                       "'finish_reason':null}")
             CHUNK(OPENAI, "{'index':1,'delta':{'content':'B'},'logprobs':{'content':[{'token':'B',"
                           "'logprob':-0.5,'bytes':[66],'top_logprobs':[]}],'refusal':null},"
                           "'finish_reason':null}")
                 CHUNK(OPENAI,
                       "{'index':0,'delta':{'content':'A'},'logprobs':{'content':[{'token':'A',"
                       "'logprob':-0.25,'bytes':[65],'top_logprobs':[]}],'refusal':null},'finish_"
                       "reason':null}")
                     CHUNK(OPENAI,
                           "{'index':0,'delta':{'content':'a'},'logprobs':{'content':[{'token':'a',"
                           "'logprob':-1.5e-3,'bytes':null,'top_logprobs':[]}],'refusal':null},"
                           "'finish_reason':null}") CHUNK(OPENAI, DELTA(0, "{}", "'stop'"))
                         CHUNK(OPENAI, DELTA(1, "{}", "'length'")) "data: [DONE]\n\n",
     .body = OPENAI_BODY
     "{'index':0,'message':{'role':'assistant','content':'Aa'},'logprobs':{'content':[{'token':'A',"
     "'logprob':-0.25,'bytes':[65],'top_logprobs':[]},{'token':'a','logprob':-1.5e-3,'bytes':null,"
     "'top_logprobs':[]}],'refusal':null},'finish_reason':'stop'},{'index':1,'message':{'role':"
     "'assistant','content':'B'},'logprobs':{'content':[{'token':'B','logprob':-0.5,'bytes':[66],"
     "'top_logprobs':[]}],'refusal':null},'finish_reason':'length'}]}",
     .text = "Aa",
     .finish = REPLY_STOP},
    {.name = "OpenAI, a function call of the old kind",
     .api = API_CHAT,
     .events = CHUNK(OPENAI, DELTA(0,
                                   "{'role':'assistant','content':null,'function_call':{'name':"
                                   "'f','arguments':''}}",
                                   "null"))
         CHUNK(OPENAI, DELTA(0, "{'function_call':{'arguments':'{}'}}", "null"))
             CHUNK(OPENAI, DELTA(0, "{}", "'function_call'")) "data: [DONE]\n\n",
     .body = OPENAI_BODY "{'index':0,'message':{'role':'assistant','content':null,'function_call':{"
                         "'name':'f','arguments':'{}'}},'logprobs':null,'finish_reason':"
                         "'function_call'}]}",
     .text = "",
     .finish = REPLY_TOOLS,
     .has_tools = true},
    {.name = "DeepSeek, reasoning first",
     .api = API_CHAT,
     .events = CHUNK(DEEPSEEK,
                     DELTA(0, "{'role':'assistant','content':null,'reasoning_content':''}", "null"))
         CHUNK(DEEPSEEK, DELTA(0, "{'content':null,'reasoning_content':'Let me'}", "null")) CHUNK(
             DEEPSEEK, DELTA(0, "{'content':null,'reasoning_content':' think.'}", "null"))
             CHUNK(DEEPSEEK, DELTA(0, "{'content':'4','reasoning_content':null}", "null")) CHUNK(
                 DEEPSEEK ",'usage':{'prompt_tokens':7,'completion_tokens':5,'total_tokens':12,"
                          "'prompt_cache_hit_tokens':0,'prompt_cache_miss_tokens':7}",
                 DELTA(0, "{'content':'','reasoning_content':null}", "'stop'")) "data: [DONE]\n\n",
     .body = "{'id':'1f63','object':'chat.completion','created':1718345013,'model':'deepseek-"
             "reasoner','system_fingerprint':'fp_a49d','choices':[{'index':0,'message':{'role':"
             "'assistant','content':'4','reasoning_content':'Let me think.'},'logprobs':null,"
             "'finish_reason':'stop'}],'usage':{'prompt_tokens':7,'completion_tokens':5,'total_"
             "tokens':12,'prompt_cache_hit_tokens':0,'prompt_cache_miss_tokens':7}}",
     .text = "4",
     .finish = REPLY_STOP,
     .input = 7,
     .output = 5},
    {.name = "OpenRouter, comments and members of its own",
     .api = API_CHAT,
     .events = ": OPENROUTER PROCESSING\n\n: OPENROUTER PROCESSING\n\n" CHUNK(
         OPENROUTER,
         "{'index':0,'delta':{'role':'assistant','content':'','reasoning':'Hm','reasoning_details':"
         "[{"
         "'type':'reasoning.text','text':'Hm','index':0}]},'finish_reason':null,'native_finish_"
         "reason':null,'logprobs':null}") ": OPENROUTER PROCESSING\n\n" CHUNK(OPENROUTER,
                                                                              "{'index':0,'delta':{"
                                                                              "'role':'assistant','"
                                                                              "content':'Hi','"
                                                                              "reasoning':null},"
                                                                              "'finish_reason':"
                                                                              "null,'native_finish_"
                                                                              "reason':null,'"
                                                                              "logprobs':null}")
         CHUNK(OPENROUTER, "{'index':0,'delta':{'role':'assistant','content':''},'finish_reason':"
                           "'stop','native_finish_reason':'end_turn','logprobs':null}")
             CHUNK(OPENROUTER ",'usage':{'prompt_tokens':3,'completion_tokens':2,'total_tokens':5,'"
                              "cost':0.0001}",
                   "{'index':0,'delta':{'role':'assistant','content':''},'finish_reason':null,"
                   "'native_finish_reason':null,'logprobs':null}") "data: [DONE]\n\n",
     .body =
         "{'id':'gen-17','provider':'OpenAI','model':'openai/gpt-4o','object':'chat.completion',"
         "'created':1718345013,'choices':[{'index':0,'message':{'role':'assistant','content':'Hi',"
         "'reasoning':'Hm','reasoning_details':[{'type':'reasoning.text','text':'Hm','index':0}]},"
         "'finish_reason':'stop','native_finish_reason':'end_turn','logprobs':null}],'usage':{"
         "'prompt_tokens':3,'completion_tokens':2,'total_tokens':5,'cost':0.0001}}",
     .text = "Hi",
     .finish = REPLY_STOP,
     .input = 3,
     .output = 2},
    {.name = "Ollama, a whole tool call",
     .api = API_CHAT,
     .events = CHUNK(OLLAMA,
                     "{'index':0,'delta':{'role':'assistant','content':'','tool_calls':[{'id':"
                     "'call_x','index':0,'type':'function','function':{'name':'f','arguments':"
                     "'{\\\"a\\\":1}'}}]},'finish_reason':null}")
         CHUNK(OLLAMA, "{'index':0,'delta':{'role':'assistant','content':''},'finish_reason':'tool_"
                       "calls'}")
             CHUNK(OLLAMA ",'usage':{'prompt_tokens':1,'completion_tokens':2,'total_tokens':3}",
                   "") "data: [DONE]\n\n",
     .body =
         "{'id':'chatcmpl-444','object':'chat.completion','created':1721075653,'model':'llama3.2',"
         "'system_fingerprint':'fp_ollama','choices':[{'index':0,'message':{'role':'assistant',"
         "'content':'','tool_calls':[{'id':'call_x','type':'function','function':{'name':'f',"
         "'arguments':'{\\\"a\\\":1}'}}]},'finish_reason':'tool_calls','logprobs':null}],'usage':{"
         "'prompt_tokens':1,'completion_tokens':2,'total_tokens':3}}",
     .text = "",
     .finish = REPLY_TOOLS,
     .has_tools = true,
     .input = 1,
     .output = 2},
    {.name = "vLLM, usage in every event",
     .api = API_CHAT,
     .events = CHUNK(VLLM ",'usage':{'prompt_tokens':5,'total_tokens':5,'completion_tokens':0}",
                     "{'index':0,'delta':{'role':'assistant','content':''},'logprobs':null,'finish_"
                     "reason':null}")
         CHUNK(VLLM ",'usage':{'prompt_tokens':5,'total_tokens':6,'completion_tokens':1}",
               "{'index':0,'delta':{'content':'Yes'},'logprobs':null,'finish_reason':null,'token_"
               "ids':null}")
             CHUNK(VLLM ",'usage':{'prompt_tokens':5,'total_tokens':15,'completion_tokens':10}",
                   "{'index':0,'delta':{'content':'.'},'logprobs':null,'finish_reason':'length',"
                   "'stop_reason':null,'token_ids':null}") "data: [DONE]\n\n",
     .body =
         "{'id':'chatcmpl-f1','object':'chat.completion','created':1721075653,'model':'Q',"
         "'choices':[{'index':0,'message':{'role':'assistant','content':'Yes.'},'logprobs':null,"
         "'finish_reason':'length','stop_reason':null,'token_ids':null}],'usage':{'prompt_tokens':"
         "5,'total_tokens':15,'completion_tokens':10}}",
     .text = "Yes.",
     .finish = REPLY_LENGTH,
     .input = 5,
     .output = 10},
    {.name = "llama.cpp, timings",
     .api = API_CHAT,
     .events =
         "data: {'choices':[{'finish_reason':null,'index':0,'delta':{'role':'assistant',"
         "'content':null}}]," LLAMA_CPP "}\n\ndata: {'choices':[{'finish_reason':null,'index':0,"
         "'delta':{'content':'Ok'}}]," LLAMA_CPP "}\n\ndata: {'choices':[{'finish_reason':"
         "'stop','index':0,'delta':{}}]," LLAMA_CPP ",'usage':{'completion_tokens':1,'prompt_"
         "tokens':2,'total_tokens':3},'timings':{'prompt_n':2,'prompt_ms':12.5}}\n\ndata: "
         "[DONE]\n\n",
     .body =
         "{'choices':[{'finish_reason':'stop','index':0,'logprobs':null,'message':{'role':"
         "'assistant','content':'Ok'}}],'created':1721075653,'id':'chatcmpl-tr','model':'gpt-3.5-"
         "turbo','system_fingerprint':'b4524','object':'chat.completion','usage':{'completion_"
         "tokens':1,'prompt_tokens':2,'total_tokens':3},'timings':{'prompt_n':2,'prompt_ms':12.5}}",
     .text = "Ok",
     .finish = REPLY_STOP,
     .input = 2,
     .output = 1},
    {.name = "completions",
     .api = API_COMPLETIONS,
     .events =
         "data: {'id':'cmpl-1','object':'text_completion','created':1,'choices':[{'text':'one',"
         "'index':0,'logprobs':{'tokens':['one'],'token_logprobs':[-1.0],'top_logprobs':null,"
         "'text_offset':[0]},'finish_reason':null}],'model':'i'}\n\ndata: {'id':'cmpl-1',"
         "'object':'text_completion','created':1,'choices':[{'text':' two','index':0,'logprobs':"
         "{'tokens':[' two'],'token_logprobs':[-2.0],'top_logprobs':null,'text_offset':[3]},"
         "'finish_reason':'stop'}],'model':'i','usage':{'prompt_tokens':1,'completion_tokens':2,"
         "'total_tokens':3}}\n\ndata: [DONE]\n\n",
     .body = "{'id':'cmpl-1','object':'text_completion','created':1,'choices':[{'text':'one two',"
             "'index':0,'logprobs':{'tokens':['one',' two'],'token_logprobs':[-1.0,-2.0],'top_"
             "logprobs':null,'text_offset':[0,3]},'finish_reason':'stop'}],'model':'i','usage':{"
             "'prompt_tokens':1,'completion_tokens':2,'total_tokens':3}}",
     .text = "one two",
     .finish = REPLY_STOP,
     .input = 1,
     .output = 2},
    {.name = "Anthropic: thinking, text, a tool",
     .api = API_MESSAGES,
     .events = CLAUDE(
         "message_start",
         ",'message':{'id':'msg_1','type':'message','role':'assistant','model':'claude',"
         "'content':[],'stop_reason':null,'stop_sequence':null,'usage':{'input_tokens':"
         "25,'cache_creation_input_tokens':0,'cache_read_input_tokens':10,'output_tokens'"
         ":1}}") CLAUDE("content_block_start", ",'index':0,'content_block':{'type':"
                                               "'thinking','thinking':'','signature':''}")
         CLAUDE("ping", "") CLAUDE("content_block_delta",
                                   ",'index':0,'delta':{'type':'thinking_delta','thinking':'Let'}")
             CLAUDE("content_block_delta",
                    ",'index':0,'delta':{'type':'thinking_delta','thinking':' me\\n'}")
                 CLAUDE("content_block_delta",
                        ",'index':0,'delta':{'type':'signature_delta','signature':'EqQ='}")
                     CLAUDE("content_block_stop", ",'index':0") CLAUDE(
                         "content_block_start",
                         ",'index':1,'content_block':{'type':'text','text':''}")
                         CLAUDE("content_block_delta",
                                ",'index':1,'delta':{'type':'text_delta','text':'Okay'}")
                             CLAUDE("content_block_delta",
                                    ",'index':1,'delta':{'type':'text_delta','text':' \\\"go\\\"'}")
                                 CLAUDE("content_block_stop", ",'index':1") CLAUDE(
                                     "content_block_start",
                                     ",'index':2,'content_block':{'type':'tool_use','id':'toolu_1',"
                                     "'name':'get','input':{}}")
                                     CLAUDE("content_block_delta",
                                            ",'index':2,'delta':{'type':'input_json_delta',"
                                            "'partial_json':''}")
                                         CLAUDE("content_block_delta",
                                                ",'index':2,'delta':{'type':'input_json_delta',"
                                                "'partial_json':'{\\\"a\\\": \\\"\\\\ud83d'}")
                                             CLAUDE("content_block_delta",
                                                    ",'index':2,'delta':{'type':'input_json_"
                                                    "delta','partial_json':'\\\\ude00\\\"}'}")
                                                 CLAUDE("content_block_stop", ",'index':2") CLAUDE(
                                                     "message_delta",
                                                     ",'delta':{'stop_reason':'tool_use','stop_"
                                                     "sequence':null},'usage':{'output_tokens':89}")
                                                     CLAUDE("message_stop", ""),
     .body =
         "{'id':'msg_1','type':'message','role':'assistant','model':'claude','content':[{'type':"
         "'thinking','thinking':'Let me\\n','signature':'EqQ='},{'type':'text','text':'Okay "
         "\\\"go\\\"'},{'type':'tool_use','id':'toolu_1','name':'get','input':{'a':'\\ud83d\\ude00"
         "'}}],'stop_reason':'tool_use','stop_sequence':null,'usage':{'input_tokens':25,'cache_"
         "creation_input_tokens':0,'cache_read_input_tokens':10,'output_tokens':89}}",
     .text = "Okay \"go\"",
     .finish = REPLY_TOOLS,
     .has_tools = true,
     .input = 35,
     .output = 89},
    {.name = "Anthropic: citations and a tool without input",
     .api = API_MESSAGES,
     .events = CLAUDE("message_start",
                      ",'message':{'id':'m','type':'message','role':'assistant','content"
                      "':[],'stop_reason':null,'usage':{'input_tokens':2,'output_"
                      "tokens':1}}")
         CLAUDE("content_block_start",
                ",'index':0,'content_block':{'type':'text','text':'','citations':"
                "[]}") CLAUDE("content_block_delta",
                              ",'index':0,'delta':{'type':'citations_delta','citation':{"
                              "'type':'char_location','start_char_index':0}}")
             CLAUDE("content_block_delta",
                    ",'index':0,'delta':{'type':'citations_delta','citation':"
                    "{'type':'page'}}")
                 CLAUDE("content_block_delta",
                        ",'index':0,'delta':{'type':'text_delta','text':'x'}")
                     CLAUDE("content_block_start", ",'index':1,'content_block':{'type':'tool_use',"
                                                   "'id':'t','name':'n','input':{}}")
                         CLAUDE("content_block_delta",
                                ",'index':1,'delta':{'type':'input_json_delta"
                                "','partial_json':''}")
                             CLAUDE("message_delta", ",'delta':{'stop_reason':'end_turn'},'usage':{"
                                                     "'input_tokens':2,'output_tokens':9}")
                                 CLAUDE("message_stop", ""),
     .body = "{'id':'m','type':'message','role':'assistant','content':[{'type':'text','text':'x',"
             "'citations':[{'type':'char_location','start_char_index':0},{'type':'page'}]},{'type':"
             "'tool_use','id':'t','name':'n','input':{}}],'stop_reason':'end_turn','usage':{'input_"
             "tokens':2,'output_tokens':9}}",
     .text = "x",
     .finish = REPLY_STOP,
     .has_tools = true,
     .input = 2,
     .output = 9},
    {.name = "Responses",
     .api = API_RESPONSES,
     .events = CLAUDE("response.created",
                      ",'sequence_number':0,'response':{'id':'resp_1','status':'in_"
                      "progress','output':[],'usage':null}")
         CLAUDE("response.output_text.delta",
                ",'item_id':'msg_1','output_index':1,'content_index':0,"
                "'delta':'Hi','sequence_number':1") CLAUDE("response.output_text.delta",
                                                           ",'item_id':'msg_1','output_index':1,'"
                                                           "content_index':"
                                                           "0,'delta':' you','sequence_number':2")
             CLAUDE(
                 "response.completed",
                 ",'sequence_number':3,'response':{'id':'resp_1','status':'completed','incomplete_"
                 "details':null,'output':[{'type':'reasoning','content':[{'type':'reasoning_text',"
                 "'text':'no'}]},{'type':'message','role':'assistant','content':[{'type':'output_"
                 "text','text':'Hi you','annotations':[]}]}],'usage':{'input_tokens':36,'output_"
                 "tokens':87,'total_tokens':123}}"),
     .body =
         "{'id':'resp_1','status':'completed','incomplete_details':null,'output':[{'type':"
         "'reasoning','content':[{'type':'reasoning_text','text':'no'}]},{'type':'message','role':"
         "'assistant','content':[{'type':'output_text','text':'Hi "
         "you','annotations':[]}]}],'usage':{"
         "'input_tokens':36,'output_tokens':87,'total_tokens':123}}",
     .text = "Hi you",
     .finish = REPLY_STOP,
     .input = 36,
     .output = 87},
};

enum { VENDOR_STREAMS = sizeof(vendor_streams) / sizeof(vendor_streams[0]) };

/* The same with true quotes. */
static inline struct span stream_quoted(const char *text, char *out, size_t out_bytes)
{
    size_t len = strlen(text);

    if (len > out_bytes)
        abort();
    for (size_t i = 0; i < len; i++)
        out[i] = text[i] == '\'' ? '"' : text[i];
    return span_of(out, len);
}

/* A stream as a recording in `out`. */
static inline struct span stream_record(struct span stream, char *out, size_t out_bytes)
{
    static struct recording r;
    struct sse sse;
    struct fmt f;

    fmt_init(&f, out, out_bytes);
    recording_start(&r, RECORDING_EVENTS, &f);
    sse_start(&sse);
    while (stream.len > 0) {
        struct span data;
        size_t used;
        enum sse_result result = sse_next(&sse, stream, &used, &data);

        if (result == SSE_DATA)
            recording_put(&r, sse_event_name(&sse), data, &f);
        if (result == SSE_END)
            recording_event_end(&r, sse_event_name(&sse), &f);
        stream = span_part(stream, used, stream.len);
    }
    if (!recording_finish(&r, &f))
        abort();
    return fmt_span(&f);
}

/* The same value: members in any order, strings decoded, numbers as written. */
static inline bool stream_same_json(struct span a, struct span b)
{
    static char decoded[2][1 << 16];
    struct json_walk w;
    struct json_walk v;
    struct span name;
    struct span other_name;
    struct span value;
    struct span other;
    size_t counts[2] = {0, 0};
    size_t lens[2] = {0, 0};

    while (b.len > 0 && b.ptr[0] == ' ')
        b = span_part(b, 1, b.len);
    if (json_walk_kind(a) != json_walk_kind(b))
        return false;
    if (json_walk_kind(a) == JSON_STRING) {
        return json_value_text(a, decoded[0], sizeof(decoded[0]), &lens[0]) &&
               json_value_text(b, decoded[1], sizeof(decoded[1]), &lens[1]) &&
               span_equal(span_of(decoded[0], lens[0]), span_of(decoded[1], lens[1]));
    }
    if (!json_walk_start(&w, a))
        return span_equal(a, b);
    (void)json_walk_start(&v, b);
    while (json_walk_next(&v, &other_name, &other))
        counts[1]++;
    (void)json_walk_start(&v, b);
    for (; json_walk_next(&w, &name, &value); counts[0]++) {
        char key[256];
        struct fmt f;

        fmt_init(&f, key, sizeof(key));
        fmt_text(&f, name);
        if (w.is_object)
            other = json_walk_get(b, fmt_cstr(&f));
        else if (!json_walk_next(&v, &other_name, &other))
            return false;
        if (!stream_same_json(value, other))
            return false;
    }
    return counts[0] == counts[1];
}

#endif
