// The openai client over https, in a process of its own: it trusts by NODE_EXTRA_CA_CERTS only.
import OpenAI from 'openai';

const client = new OpenAI({ baseURL: process.argv[2], apiKey: 'none', maxRetries: 0 });
const messages = [{ role: 'user', content: 'Hi' }];
const whole = await client.chat.completions.create({ model: 'm', messages });
let streamed = '';
for await (const chunk of await client.chat.completions.create({ model: 'm', messages, stream: true }))
    streamed += chunk.choices[0]?.delta?.content ?? '';
// More at once than handshakes may be under way.
const many = await Promise.all(Array.from({ length: 48 }, () =>
    client.chat.completions.create({ model: 'm', messages })));
console.log(JSON.stringify({
    whole: whole.choices[0].message.content,
    streamed,
    many: many.filter((one) => one.choices.length === 1).length,
}));
