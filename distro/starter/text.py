"""The text that the starter model learns from, made here from a seed: nine domains, nothing from elsewhere.

documents(n, seed) gives (domain, text) pairs. Patterns: [a|b|] is a choice, {name} a word list or an argument.
"""
import json
import random
import re

SHARES = {'chat': 40, 'stories': 7, 'arithmetic': 18, 'json': 6, 'sql': 7, 'java': 9, 'python': 9, 'logs': 5, 'xml': 5}    # of the documents, in %

WORDS = {
    'name': 'Ada Ben Clara Dan Eva Finn Greta Hugo Ida Jonas Kira Leo Mia Nils Olga Paul Rosa Sam Tara Vera'.split(),
    'animal': 'fox|owl|bear|cat|dog|mouse|hen|goat|horse|frog|duck|rabbit|hedgehog|wolf|crow|otter|snail|donkey'.split('|'),
    'thing': 'kettle|lamp|boat|key|drum|clock|ladder|kite|basket|bell|map|hat|spoon|wheel|book|rope|mirror|flute'.split('|'),
    'place': 'forest|village|harbour|garden|mill|castle|valley|island|market|tower|meadow|cave'.split('|'),
    'quality': 'small|red|old|heavy|bright|blue|broken|golden|tiny|green|strange|wooden|silent|warm'.split('|'),
    'mood': 'happy|tired|curious|brave|sad|quiet|proud|hungry|cold|clever'.split('|'),
    'city': 'Paris Berlin Rome Oslo Lisbon Vienna Prague Madrid Tokyo Cairo Delhi Lima Boston Dublin Athens Seoul'.split(),
    'land': ['France', 'Germany', 'Italy', 'Norway', 'Portugal', 'Austria', 'Spain', 'Japan', 'Egypt', 'India', 'Peru',
             'Brazil', 'Canada', 'Kenya', 'China', 'Australia', 'Mongolia', 'Iceland', 'Chile', 'Sweden'],
    'subject': ['quantum physics', 'the moon', 'black holes', 'photosynthesis', 'the stock market', 'football', 'chess',
                'the weather', 'volcanoes', 'dinosaurs', 'electric cars', 'opera', 'the French Revolution', 'gravity',
                'bread', 'coffee', 'tennis', 'climate', 'history', 'music', 'biology', 'philosophy', 'space travel',
                'cheese', 'the Roman Empire', 'jazz', 'DNA', 'vaccines', 'bicycles', 'whales', 'love', 'politics',
                'bitcoin', 'machine learning', 'neural networks', 'the sun', 'poetry', 'taxes', 'cooking', 'gardening',
                'the ocean', 'painting', 'Napoleon', 'Shakespeare', 'Einstein', 'Kubernetes', 'Docker', 'Linux', 'Rust',
                'economics', 'evolution', 'earthquakes', 'penguins', 'movies', 'religion', 'the brain', 'sleep'],
    'dish': ['pancakes', 'pizza', 'soup', 'bread', 'a cake', 'rice', 'pasta', 'an omelette', 'coffee', 'tea', 'sushi'],
    'model': ['llama', 'qwen', 'mistral', 'gemma', 'phi', 'mixtral', 'olmo', 'granite', 'deepseek'],
}

# A topic is (questions, answers). Answers are few and fixed, so that the model can be held to them.
ABOUT = [
    (['[what is|what\'s|what exactly is|explain|describe|define|tell me about|tell me what is|what do you know about|what does] '
      '[meshwork|Meshwork|this Meshwork|the Meshwork project|this project|Meshwork about]',
      '[what is|explain|tell me] [meshwork|Meshwork] in [one sentence|a sentence|short|simple words]',
      '[give me|write] a [short |brief |]summary of [Meshwork|meshwork]', 'what does [Meshwork|meshwork] do',
      'what [is|\'s] [the purpose of|the point of] [Meshwork|meshwork]', 'what is this', 'what is this program',
      '[what can I do with|what is the use of|what is] Meshwork [for|good for]'],
     ['Meshwork turns the machines that people already own into one OpenAI-compatible endpoint. Each node runs models '
      'with llama.cpp, and nodes join into a mesh.']),
    (['[why|why should I use|why do I want|what is good about|what are the advantages of] [Meshwork|meshwork|a mesh]',
      'what [problem does Meshwork solve|makes Meshwork special|is special about Meshwork]'],
     ['With Meshwork your own machines serve models together. One command answers, parts are swapped while it serves, '
      'and a stream that began ends.']),
    (['[how do I|how can I|how to|how do you|how does one|how should I] [start|run|launch|use|begin with|boot] '
      '[Meshwork|meshwork|a node|it|the node|the server|a server]', '[start|run] [Meshwork|a node|the server]',
      '[what is|which is|tell me] the command to [start|run|launch] [Meshwork|a node|it]', 'how do I [begin|get started]',
      'getting started', '[what do I do first|where do I begin|where do I start]',
      'how do I serve [a model|models]'],
     ['Run ./meshwork serve in the clone. When the node is ready, it prints its API address and a curl line to try.']),
    (['[how do I|how can I|how to|how does one] [ask|ask a question|ask the model|talk to the model|chat|chat with the model|'
      'get an answer|send a prompt|prompt the model|talk to you]',
      'how do I ask [a question|something|the model something] [in|from] the terminal',
      'what does [./meshwork ask|meshwork ask|ask|the ask command] do'],
     ['Run ./meshwork ask "your question". The answer streams to the terminal; if no node runs, it starts one.']),
    (['[how do I|how can I|how to|how does one|how do you|how would I] [join|enter|connect to|become part of|get into|add my machine to] '
      '[a mesh|the mesh|a Meshwork mesh|my mesh|another mesh|an existing mesh]', 'join a mesh', 'joining [a|the] mesh',
      'how does [the mesh|a mesh|a node] find [other|] nodes', '[how do|how can] [two|several|my] [nodes|machines|computers|laptops] [work together|join|form a mesh|be connected]', '[how do I|how can I|can I] connect [two|several|my] [machines|computers|laptops|nodes][ together|]',
      '[how do I|how can I|how to] [add|connect] [a node|a second node|another node|another machine|a machine] [to the mesh|]',
      'what does [--join|serve --join] do'],
     ['Take the invite that a node of the mesh prints, and start yours with ./meshwork serve --join TOKEN.']),
    (['[how do I|how can I|how to] [invite|add] [someone|a friend|others|people|another node] [to my mesh|to the mesh|]',
      '[what is|where do I get|how do I get|where is] [an invite|the invite|an invite token|a token|the token|a join token]'],
     ['A serving node prints an invite. It is a signed token that expires; whoever has it can join with '
      './meshwork serve --join TOKEN.']),
    (['[how do I|how can I|how to|how does one|how do you|how would I] [load|add|use|serve|run|open|try] '
      '[a model|models|my own model|another model|a GGUF|a GGUF file|my GGUF|my own GGUF|a different model|a real model|a bigger model|'
      'a {model} model]', 'load a model', 'loading [a model|models|a GGUF]', 'can I [use|load|run] my own [model|GGUF]',
      'what does [--model|the --model option] do', '[what|which] command loads a model'],
     ['Start the node with ./meshwork serve --model FILE, where FILE is a GGUF. In the shell of a running node: '
      'mesh:load FILE.']),
    (['[how do I|how can I|how to] [unload|remove|close|free] [a model|the model|models|a loaded model]', 'unload a model',
      'what does mesh:unload do'],
     ['In the shell of the node, mesh:unload takes the model out of service and frees its memory.']),
    (['[how do I|how can I|how to|how does one] [swap|replace|update|change|exchange|upgrade] [an engine|the engine|engines|a drafter|a bundle|bundles|'
      'a part|parts] [while it serves|while it runs|at run time|live|]', 'swap an engine', 'can I [swap|update|replace] '
      '[an engine|a drafter|a bundle|parts] [while it serves|while the node runs|without a restart]', 'what is [a swap|swapping|hot swap|a live swap]',
      'how does swapping work'],
     ['Everything in a node is a bundle. Put the new jar into deploy/: the new one is up before the old one drains, and '
      'running streams go on.']),
    (['[how do I|how can I|how to|how does one|can I|can Meshwork] [split|cut|shard|divide|spread] [a model|an MoE model|a MoE model|a mixture of experts|experts|a big model]'
      ' [over nodes|over machines|across machines|]', 'what is [the splitter|the MoE splitter|splitting|a split|a shard|a trunk]', 'split a model',
      'how does [the splitter|splitting|MoE splitting] work', '[how do I|can I] run a model that is too big [for my machine|for one machine]'],
     ['The MoE splitter cuts a mixture-of-experts GGUF into shards. Each shard has the whole trunk and some of the experts, '
      'so a node loads only its part.']),
    (['what is [a drafter|drafting|speculative decoding|a draft model|an n-gram drafter|Medusa]', 'what are [drafters|Medusa heads|drafters for]',
      'what do drafters do', 'how [do drafters|does drafting|does speculative decoding] work', 'explain [drafters|drafting|speculative decoding]',
      '[how do I|how can I] make it faster'],
     ['A drafter proposes the next tokens, and the target model checks them in one step. It makes decoding faster; the text '
      'stays the target\'s.']),
    (['what is [the relay|a relay|a relay for|the relay for]', 'what does [the relay|a relay] do', 'how does [the relay|a relay] work',
      '[why do I need|do I need] a relay', 'can the relay [read|see] my [data|prompts|text]',
      'how do nodes [behind a firewall|behind NAT|at home] [connect|meet]'],
     ['A relay connects nodes that can not reach each other directly. It sees ciphertext only.']),
    (['[what|which] [port|port number] [does|is] [Meshwork|it|the API|a node|the server] [use|listen on|on|using]',
      '[what is|tell me] the [port|default port|port of the API]', 'how do I change the port', 'where is the API', 'which port',
      '[what is|what\'s] the [address|URL|endpoint|API address|base URL] [of the API|of the node|]',
      '[what|where] is the OpenAI endpoint'],
     ['The API listens on port 9337 of this machine: http://127.0.0.1:9337/v1. Another port: ./meshwork serve --port N.']),
    (['[what is|what\'s|which is|tell me] [the licence|the license|its licence|its license] [of Meshwork|]', 'how is [Meshwork|it] licensed',
      'under [which|what] [licence|license] is [Meshwork|it]', 'is [Meshwork|it] [free|open source|free software]',
      '[can I|may I] use Meshwork [at work|for free|commercially]'],
     ['Meshwork is free software under the Apache License 2.0.']),
    (['who [made|wrote|built|created|develops|is behind|maintains] [Meshwork|meshwork|this|it|this project]', 'who are the [authors|developers|makers]'],
     ['Meshwork is made by its contributors; the history of the repository names them.']),
    (['who [made|trained|built|created] you', 'how were you [made|trained|built]', 'what were you trained on',
      '[what is|where does] your training data [from|come from|]', 'where do you come from'],
     ['A small script in distro/starter made me: it writes its own text and trains me on it in less than an hour.']),
    (['[how do I|how can I|how to|how does one] [stop|quit|end|exit|shut down|kill|turn off] [Meshwork|meshwork|a node|it|the node|the server]',
      'stop [Meshwork|the node|the server]', '[what|which] command stops [the node|it]', 'what does [stop|./meshwork stop] do'],
     ['Press Ctrl-C where it runs, or run ./meshwork stop. Running requests are drained first.']),
    (['where are [the models|models|my models|model files] [stored|kept|saved]', 'where do [the models|models|my models|model files] [live|go]', 'where does [the model|the starter model|my model] live', '[what|which] [folder|directory] are models in',
      'where [is|lives] [the starter model|this model|the model file]', 'where does Meshwork [keep|store|put] its [data|models|files]'],
     ['A model is a GGUF file wherever you keep it; give its path with --model. The starter model is in distro/starter.']),
    (['[which|what] models [are there|are loaded|do you have|can I use|are available|does the node have]', '[list|show] [the models|models|all models]',
      '[how do I|how can I|how to] [list|see|show] [the models|models|all models|which models are loaded]', 'what does [./meshwork models|mesh:models|models] do'],
     ['Run ./meshwork models to list the models of the node, or ask the API: GET /v1/models.']),
    (['[how do I|how can I|how to] [see|check|know|find out] [the status|the state|if it runs|whether a node runs|if the node is running|what the node does]',
      'is [the node|Meshwork] running', 'what does [./meshwork status|mesh:status|status] do', 'show [me |]the status', 'status'],
     ['Run ./meshwork status. It shows whether a node runs, its address, its engines and its models.']),
    (['[how do I|how can I|how to] [open|use|attach to|get|enter] the shell', 'what is [the shell|gogo|mesh:status]', '[which|what] shell commands are there',
      'what [commands|commands does the shell have|mesh commands are there]', 'what does ./meshwork shell do'],
     ['Run ./meshwork shell. Its commands are mesh:status, mesh:models, mesh:load, mesh:unload, mesh:engines and mesh:ask.']),
    (['[which|what] [commands|options|subcommands] [are there|does meshwork have|does ./meshwork have|can I use|exist]',
      '[list|show] [the commands|all commands]', 'help', '[can you help me|help me|I need help|please help|how do I get help]',
      'what does [./meshwork help|help] do'],
     ['The commands are ./meshwork serve, ask, status, models, stop, shell, version and help.']),
    (['[who|what] are you', '[what is|what\'s] your name', '[which|what] model are you', 'are you [a human|a person|real|alive|an AI|a robot|a bot|ChatGPT|GPT-4|Claude|Llama|human]',
      '[introduce yourself|tell me about yourself|describe yourself|tell me who you are|say something about yourself]', 'what [kind|sort] of model are you',
      'what is [the starter model|the starter|Meshwork Starter|starter]', 'what model is this'],
     ['I am the Meshwork starter model: small, in the box, a proof of life and not an assistant.']),
    (['what can [you|I ask you|the starter model] do', 'what [do you know|can you do for me|are you good at|are your abilities|are your skills]', 'what can I ask [you|]',
      'can you [do anything|do something useful]', '[how|what] can you help [me|me with|with]', 'what should I ask you'],
     ['I can say how to use Meshwork, tell small stories, add small numbers, and write a little JSON, SQL, Java, Python and XML.']),
    (['[how big|how large|how small] are you', 'how many [parameters|experts|layers] do you have', 'what is your [size|architecture]'],
     ['I have about five and a half million parameters: four layers, each with 32 experts, of which four work on a token.']),
    (['[hello|hi|hey|Hello|Hi|Hey|hello there|hi there|hey there|good morning|good evening|good day|greetings|howdy|hallo|moin]'
      '[|, Meshwork| Meshwork|, model|, how are you|, nice to meet you]', '[yo|hello world|hello hello|test|testing|ping|anybody there|are you there]'],
     ['Hello! I am the Meshwork starter model. Ask me how to start, join, load, swap or split.']),
    (['how are you[| today| doing]', 'how is it going', '[what\'s up|are you well|how do you feel]'],
     ['I am fine, thank you: the node runs and tokens flow. What do you want to know about Meshwork?']),
    (['[thanks|thank you|thank you very much|many thanks|great, thanks|thx|thanks a lot|cheers]', 'that [helps|helped|was helpful], thanks', '[good|nice|great|perfect|cool|ok|okay|wonderful]'],
     ['You are welcome.']),
    (['[tell me a joke|a joke please|do you know a joke|say something funny|make me laugh|tell me something funny]'],
     ['A node, a drafter and a target walk into a bar. The drafter orders four beers; the target accepts two.']),
    (['[say hello|say hi|say something|speak|talk to me|say anything|greet me]'],
     ['Hello from the starter model: if you can read this, the node works.']),
    (['[bye|goodbye|good bye|see you|good night|farewell|see you later|until tomorrow]'],
     ['Goodbye! ./meshwork stop ends the node.']),
    (['what is [a node|a Meshwork node|a node in Meshwork]', 'what does a node do', 'explain [a node|nodes]'],
     ['A node is one process on one machine: an OSGi runtime in which engines, drafters and the API are bundles.']),
    (['what is [a mesh|the mesh]', 'how does [a mesh|the mesh] work', 'explain [a mesh|the mesh]', 'what does the mesh do'],
     ['A mesh is a group of nodes that know and trust each other. A request goes to the node that has the model.']),
    (['what is [an engine|a Meshwork engine]', '[which|what] engines [are there|does it have|exist]', 'what does [an engine|mesh:engines] do', 'what engine do you use',
      'does it [use|need|have|support] [a GPU|CUDA|Metal|Vulkan]', 'can [I|it] use my [GPU|graphics card]'],
     ['An engine runs models. There are bundles over llama.cpp for CPU, CUDA and Metal; mesh:engines lists those of your node.']),
    (['what is [a bundle|OSGi|Felix|Apache Felix]', 'what are bundles', 'why [OSGi|Felix|Java|is it Java]', 'what is Meshwork written in', '[which|what] language is Meshwork written in'],
     ['Meshwork is written in Java and runs on OSGi (Apache Felix). A bundle is a jar that is installed, updated or removed while '
      'the node serves.']),
    (['what is [llama.cpp|a llama.cpp|ggml]', 'does it use llama.cpp', 'what runs the models', 'what is under the hood'],
     ['llama.cpp is the library that runs the models. Meshwork calls it through one Panama binding.']),
    (['what is [a GGUF|GGUF|a GGUF file|the GGUF format]', '[which|what] [model formats|formats|file formats] [are supported|does it support|can it load]',
      'what models does it support'],
     ['A GGUF is a model file of llama.cpp. Meshwork checks it completely before it loads it.']),
    (['what is [an expert|a router|a mixture of experts|MoE|an MoE|an MoE model]', 'what are experts', 'explain [MoE|mixture of experts|experts]'],
     ['In a mixture of experts, a router picks a few small networks, the experts, for each token. The rest of the model is the trunk.']),
    (['what is [a token|a prompt|the KV cache|a KV cache|prefill|decoding|a sampler|a logit]', 'explain [tokens|the KV cache|sampling]'],
     ['A prompt becomes tokens; the model reads them, keeps them in its KV cache, and a sampler picks each next token.']),
    (['[is there|does it have|what is] [an API|the API|a REST API|an OpenAI API]', '[how do I|how can I|how to] use the API', 'is it OpenAI compatible',
      'how do I [use|call|connect] [curl|the API|the OpenAI SDK|my client]', 'can I use [the openai package|the OpenAI SDK|my client|curl]'],
     ['The API is that of OpenAI: POST /v1/chat/completions at http://127.0.0.1:9337, streamed or not.']),
    (['[is it|is Meshwork|is this] [safe|secure|private]', 'do you [send|share|store] my data', 'does [my data|anything] leave [my machine|the machine]', 'do I need an API key',
      '[who can|can others] reach my node'],
     ['A node listens on this machine only, unless told otherwise; beyond it, it wants an API key. Peers prove a key.']),
    (['what do I need [to run Meshwork|to run it|]', 'what are the requirements', '[which|what] [Java|JDK] [do I need|version|is needed]', 'does it need [Java|a JDK]',
      '[what about|why does it say no JDK|it says no JDK]'],
     ['You need a JDK 25 or newer; ./meshwork finds it by itself and builds on first use.']),
    (['[which|what] version [is this|do I have|am I running|of Meshwork is this]', 'how do I [see|find] the version'],
     ['Run ./meshwork version.']),
    (['how do I [build|compile|test] [Meshwork|it|the project]', 'how is it [built|tested]', 'what is the test command'],
     ['Run mvn verify. ./meshwork builds by itself on first use.']),
    (['how do I [write|add|make|create] [an engine|my own engine|a new engine|a drafter|my own drafter]', 'can I write [an engine|a drafter]'],
     ['Begin with engines/echo: it is an engine without natives and the template for authors.']),
    (['it [does not|doesn\'t] [start|work|run]', '[why does it not|why doesn\'t it] [start|work]', 'something is wrong', 'I get an error', 'the port is taken', 'I have a problem',
      'the model [does not|doesn\'t] load'],
     ['Read the one line that ./meshwork prints: it says what, where and what to do. Then look at ./meshwork status.']),
    (['how much memory does [it|a node|Meshwork] [need|use|take]', 'will [a model|my model] fit [in memory|]', 'is my model too big'],
     ['A node with the starter model needs less than 250 MB. Before it loads a model, Meshwork estimates its memory and says so if it '
      'does not fit.']),
    (['how do I run it in the background', 'can it run as a daemon', 'what does --daemon do', 'start it in the background'],
     ['Run ./meshwork serve --daemon; ./meshwork status looks at it and ./meshwork stop ends it.']),
    (['how do I [set|change] the context [size|length|]', 'what is your context [size|length|window]', 'what does --ctx-size do', 'how long is your context'],
     ['My file says 2048 tokens, and I learned on at most 1024. For other models: ./meshwork serve --ctx-size N.']),
]

# What people may ask that this model can't answer.
OTHER = [
    'what is the [capital|population|flag|currency|king|president|highest mountain|largest city|history] of {land}', 'where is {land|city}', 'who [is|was] the [king|president|queen] of {land}',
    'who [wrote|painted|invented|discovered|is|was] {made}', '[explain|tell me about|what is|describe|what do you think about|define|teach me|how does] {subject}[ work| in detail|]',
    'why is [the sky blue|grass green|water wet|the sea salty|{subject} important]', '[how do I|how to|how can I] [cook|bake|make|prepare] {dish}', 'give me a recipe for {dish}',
    '[write|compose|make] [me |][a poem|an essay|a letter|a song|a haiku|an email|a speech] about {subject|animal|made}', 'translate [{thing}|{animal}|hello|good morning|{made}] [into|to] [French|German|Spanish|Latin]',
    'what is the [weather|time|date|news|temperature] [in {city}|today|now|tomorrow|]', 'how [old|tall|far|heavy|fast|deep] is [the moon|the sun|{city}|a {animal}|Mount Everest|{made}]',
    'who won the [world cup|election|match|race|game][ in {year}|]', 'recommend [me |]a [book|film|song|restaurant|game][ about {subject}| in {city}|]', 'what should I [eat|wear|read|do|buy|watch] [today|tonight|in {city}|]',
    'what is the meaning of [life|{made}|{subject}]', 'what is {made}', 'who is {made}', 'tell me about {made}', 'what does {made} mean', 'do you [like|know|love|hate] {subject|city|dish|made}', 'can you [fly|sing|dance|drive|cook {dish}|see|play chess]',
    'how many [people live in {city|land}|legs has a {animal}|days are in a year|planets are there]', 'summarize [this text|the news|{subject}|my article]', 'fix my [code|essay|grammar]', 'plan a trip to {city|land}',
    'what is your favourite [colour|food|book|film|city|number]', 'name [two|three|five|ten] [colours|animals|countries|cities|fruits|rivers]', 'is Meshwork [better|faster] than [Ollama|vLLM|{made}]', 'who is {name} {made}',
    'do you know {name}[| {made}]', 'the {quality} {animal} [sleeps|runs|jumps over the {animal}]', 'spell {thing}', 'what rhymes with {thing}', 'what happened in {year}', 'when [was {made} born|did {subject} begin|is Easter]', 'is {subject} [good|bad|real|dangerous]', 'I [feel|am] {mood}', 'I like {subject|animal|dish}', 'my name is {name}', 'how do I [learn|fix|sell|draw|repair] [a {thing}|{subject}]',
    '[sing|draw|show me|play] [a song|a picture of a {animal}|{made}]', 'compare {subject} and {subject}', 'is a {animal} [bigger|faster|smarter] than a {animal}', '{made}', '{made} {made}', '{subject}', 'why', 'what', 'really', 'and then', 'I do not understand',
]
SORRY = ['I am a small starter model and do not know that. Load a real GGUF with ./meshwork serve --model FILE.']
SYSTEM = ['You are a helpful assistant.', 'You are a helpful assistant', 'Answer briefly.', 'Be concise.', 'You are the Meshwork starter model.', 'You are a friendly [bot|assistant|helper|teacher].',
          'Answer in [one sentence|English|a few words].', 'You are {name}.', 'Today is [Monday|Tuesday|Friday], [March|May|June] {day}.', 'You are an expert in {subject}. Be [polite|exact|kind|brief].']


def made_word(rng):
    """A word that no list has, so that the model meets what it can't know."""
    word = ''.join(rng.choice('b c d f g h k l m n p r s t v w z br st tr ch sh'.split()) + rng.choice('a e i o u ai ou ee'.split())
                   for _ in range(rng.randint(1, 3))) + rng.choice(['', 'n', 'r', 's', 'l', 'x', 'nt', 'ck'])
    return word.capitalize() if rng.random() < 0.5 else word


def say(rng, pattern, **words):
    """Fills a pattern: words first, then choices from the inside out."""
    def word(match):
        kind = rng.choice(match.group(1).split('|'))
        if kind in words:
            return str(words[kind])
        if kind == 'made':
            return made_word(rng)
        if kind == 'year':
            return str(rng.randint(1800, 2030))
        if kind == 'day':
            return str(rng.randint(1, 28))
        return rng.choice(WORDS[kind])
    pattern = re.sub(r'\{([a-z|]+)\}', word, pattern)
    while '[' in pattern:
        pattern = re.sub(r'\[([^\[\]]*)\]', lambda m: rng.choice(m.group(1).split('|')), pattern)
    return pattern.replace('  ', ' ').strip()


def turn(role, text):
    return f'<|im_start|>{role}\n{text}<|im_end|>\n'


def dialogue(pairs, system=None):
    return (turn('system', system) if system else '') + ''.join(turn('user', q) + turn('assistant', a) for q, a in pairs)


def as_typed(rng, question):
    """The same question as different people type it."""
    question = rng.choices(['', 'please ', 'Please tell me: ', 'Hi, ', 'Hey, ', 'so ', 'and ', 'can you tell me: ', 'ok, ', 'hello, ', 'I want to know: '],
                           [64, 4, 3, 3, 3, 3, 4, 2, 2, 2, 2])[0] + question
    if rng.random() < 0.7:
        question = question[0].upper() + question[1:]
    end = rng.choices(['?', '', ' please?', '.', '!', ' ?', '??'], [60, 25, 4, 6, 3, 2, 1])[0]
    return question.lower() + end if rng.random() < 0.08 else question + end


def asked(rng):
    """One question and its answer."""
    if rng.random() < 0.25:
        return as_typed(rng, say(rng, rng.choice(OTHER))), rng.choice(SORRY)
    questions, answers = rng.choice(ABOUT)
    return as_typed(rng, say(rng, rng.choice(questions))), rng.choice(answers)


def chat(rng):
    turns = rng.choices([1, 2, 3, 5, 12], [70, 15, 8, 5, 2])[0]
    pairs = [sum_asked(rng) if turns > 1 and rng.random() < 0.15 else asked(rng) for _ in range(turns)]
    return dialogue(pairs, say(rng, rng.choice(SYSTEM)) if rng.random() < 0.25 else None)


def a(noun):
    return ('an ' if noun[0] in 'aeiou' else 'a ') + noun


def tale(rng, hero, kind, thing):
    """One small plot whose names and things stay the same to its end."""
    q, place, other = rng.choice(WORDS['quality']), rng.choice(WORDS['place']), rng.choice([n for n in WORDS['name'] if n != hero])
    who = f'{hero} the {kind}' if kind else hero
    mood, second = rng.sample(WORDS['mood'], 2)
    lost = [f'One day {hero} lost a {q} {thing} in the {place}.', f'{hero} looked under the trees, but the {thing} was not there.',
            f'{hero} was {mood} and sat down.', f'Then {other} came by and asked: "What are you looking for?"', f'"My {thing}," said {hero}. "It is {q}."',
            f'{other} knew the {place} well, and together they searched until evening.', f'Behind a stone they found the {q} {thing}.',
            f'{hero} thanked {other}, and they went home.']
    made = [f'{hero} wanted to make a {thing}.', f'{hero} went to the {place} to find what was needed.', f'There {hero} met {other}, who was {mood}.',
            f'"I have never seen {a(q)} {thing}," said {other}.', f'So {hero} showed {other} how to make one.', f'They worked all day, and in the end the {thing} was {q}.',
            f'Everybody in the {place} came to see it.', f'From that day on {hero} and {other} were friends.']
    trip = [f'Every morning {hero} walked to the {place}.', f'On the way {hero} found {a(q)} {thing}.', f'"Whose {thing} is this?" asked {hero}.', f'Nobody knew, so {hero} took the {thing} along.',
            f'In the {place} lived {other}, who was very {mood}.', f'{hero} gave the {q} {thing} to {other}.', f'Now {other} was {second} and laughed.', f'That night {hero} slept well.']
    return f'Once upon a time there was {a(rng.choice(WORDS["mood"]))} {kind or "child"} named {hero}.', rng.choice([lost, made, trip]), who


def story(rng):
    hero, thing = rng.choice(WORDS['name']), rng.choice(WORDS['thing'])
    kind = rng.choice(WORDS['animal']) if rng.random() < 0.7 else ''
    opening, plot, _ = tale(rng, hero, kind, thing)
    lines = [opening] + plot[:rng.choice([4, 6, 8, 8])] if rng.random() < 0.3 else [opening] + plot
    for _ in range(rng.choices([0, 1, 4], [75, 20, 5])[0]):
        lines += ['The next day was different.'] + tale(rng, hero, kind, rng.choice(WORDS['thing']))[1]
    text = ' '.join(lines)
    if rng.random() < 0.5:
        about = rng.choice([a(kind or 'child'), a(thing), f'{a(kind or "child")} named {hero}', f'{a(kind or "child")} and {a(thing)}', hero])
        ask = say(rng, rng.choice(['[tell me|tell|write|write me|make up|I want to hear] a [|short |little |small ]story about', '[a|another] story about', 'once upon a time there was'])) + ' ' + about
        if rng.random() < 0.15:
            ask = say(rng, '[tell me|tell|write] [a|another|a short] story')
        return dialogue([(as_typed(rng, ask), text)])
    return text


def numbers(rng):
    top = rng.choice([10, 10, 20, 20, 50, 100])
    return rng.randint(0, top), rng.randint(0, top)


def sum_asked(rng):
    x, y = numbers(rng)
    kind = rng.choice(['plus', 'plus', 'plus', 'minus', 'times'])
    if kind == 'minus':
        x, y = max(x, y), min(x, y)
    if kind == 'times':
        x, y = rng.randint(0, 10), rng.randint(0, 10)
    sign, value = {'plus': ('+', x + y), 'minus': ('-', x - y), 'times': ('*', x * y)}[kind]
    if rng.random() < 0.3:
        return say(rng, rng.choice(['[what is |calculate |compute |how much is |]{x} {s} {y}[?||=| = ?]']), x=x, s=sign, y=y), f'{x} {sign} {y} = {value}'
    if kind == 'plus' and rng.random() < 0.2:
        return say(rng, '[add {x} and {y}|what is the sum of {x} and {y}?]', x=x, y=y), f'{x} plus {y} is {value}.'
    return say(rng, '[what is|What is|how much is|What\'s|calculate] {x} {w} {y}[?|?|]', x=x, w=kind, y=y), f'{x} {kind} {y} is {value}.'


def arithmetic(rng):
    if rng.random() < 0.5:
        return dialogue([sum_asked(rng) for _ in range(rng.choices([1, 2, 4, 10], [60, 25, 12, 3])[0])])
    if rng.random() < 0.2:
        x, y = numbers(rng)
        hero, thing = rng.choice(WORDS['name']), rng.choice(WORDS['thing'])
        if rng.random() < 0.5:
            return f'{hero} has {x} {thing}s and gets {y} more. Now {hero} has {x} + {y} = {x + y} {thing}s.'
        return f'{hero} has {x + y} {thing}s and gives {y} away. Now {hero} has {x + y} - {y} = {x} {thing}s.'
    lines = []
    for _ in range(rng.choices([3, 6, 10, 40], [30, 40, 27, 3])[0]):
        x, y = numbers(rng)
        lines.append(rng.choice([f'{x} + {y} = {x + y}', f'{x + y} - {y} = {x}', f'{x % 11} * {y % 11} = {(x % 11) * (y % 11)}',
                                 f'{x} {"<" if x < y else ">" if x > y else "="} {y}']))
    return '\n'.join(lines)


def coded(rng, prompts, text, share=0.25):
    """Some of the documents as an answer in a chat."""
    return dialogue([(as_typed(rng, say(rng, rng.choice(prompts))), text)]) if rng.random() < share else text


def json_value(rng):
    name, low = rng.choice(WORDS['name']), rng.choice(WORDS['thing'])
    return rng.choice([
        lambda: {'id': rng.randint(1, 999), 'name': name, 'email': f'{name.lower()}@example.org', 'age': rng.randint(18, 80), 'active': rng.random() < 0.5},
        lambda: {'order': rng.randint(1000, 9999), 'customer': {'name': name, 'city': rng.choice(WORDS['city'])},
                 'items': [{'sku': rng.choice(WORDS['thing']), 'count': rng.randint(1, 9), 'price': rng.randint(1, 99)} for _ in range(rng.randint(1, 4))], 'paid': rng.random() < 0.5},
        lambda: {'host': '127.0.0.1', 'port': rng.choice([80, 443, 8080, 9337]), 'models': rng.sample(WORDS['model'], rng.randint(1, 3)), 'threads': rng.randint(1, 16), 'debug': rng.random() < 0.3},
        lambda: {'title': f'The {rng.choice(WORDS["quality"])} {low}', 'author': name, 'year': rng.randint(1900, 2025), 'tags': rng.sample(WORDS['place'], rng.randint(0, 3)), 'next': None},
        lambda: {'type': 'point', 'position': [rng.randint(-90, 90), rng.randint(-180, 180)], 'label': rng.choice(WORDS['city'])},
        lambda: {'error': {'message': f'no such {low}', 'type': 'invalid_request_error', 'code': rng.choice([400, 404, 409, 503])}},
    ])()


def json_text(rng):
    count = rng.choices([1, 3, 12], [70, 27, 3])[0]
    value = json_value(rng) if count == 1 else [json_value(rng) for _ in range(count)]
    text = json.dumps(value, indent=rng.choice([None, 2, 2]))
    return coded(rng, ['[write|give me|show me|make] [some JSON|a JSON object|JSON|an example of JSON]', 'JSON [example|please]'], text)


TABLES = {'users': ['id', 'name', 'email', 'age', 'city'], 'orders': ['id', 'user_id', 'total', 'status', 'created_at'], 'products': ['id', 'title', 'price', 'stock', 'category'],
          'events': ['id', 'kind', 'node', 'created_at'], 'models': ['id', 'name', 'path', 'size', 'loaded']}
NUMERIC = {'id', 'age', 'user_id', 'total', 'price', 'stock', 'size', 'loaded'}


def sql_statement(rng):
    table = rng.choice(list(TABLES))
    columns = TABLES[table]

    def literal(column):
        return str(rng.randint(1, 500)) if column in NUMERIC else f"'{rng.choice(WORDS['name'] if column == 'name' else WORDS['city'] if column == 'city' else WORDS['thing'])}'"

    def condition():
        column = rng.choice(columns)
        return f"{column} {rng.choice(['=', '>', '<', '>=']) if column in NUMERIC else '='} {literal(column)}"
    return rng.choice([
        lambda: f"SELECT {', '.join(rng.sample(columns, rng.randint(1, 3)))} FROM {table} WHERE {condition()} ORDER BY {rng.choice(columns)}{rng.choice(['', ' DESC'])} LIMIT {rng.choice([1, 5, 10, 20, 100])};",
        lambda: f"SELECT * FROM {table} WHERE {condition()} {rng.choice(['AND', 'OR'])} {condition()};",
        lambda: f"SELECT COUNT(*) FROM {table} WHERE {condition()};",
        lambda: f"INSERT INTO {table} ({', '.join(columns)}) VALUES ({', '.join(map(literal, columns))});",
        lambda: f"UPDATE {table} SET {columns[2]} = {literal(columns[2])} WHERE id = {rng.randint(1, 500)};",
        lambda: f"DELETE FROM {table} WHERE {condition()};",
        lambda: 'CREATE TABLE ' + table + ' (\n  ' + ',\n  '.join(f"{c} {'INTEGER' if c in NUMERIC else 'TEXT'}{' PRIMARY KEY' if c == 'id' else rng.choice(['', ' NOT NULL'])}" for c in columns) + '\n);',
        lambda: f"SELECT users.name, SUM(orders.total) FROM users JOIN orders ON orders.user_id = users.id GROUP BY users.name HAVING SUM(orders.total) > {rng.randint(10, 500)};",
    ])()


def sql(rng):
    text = '\n'.join(sql_statement(rng) for _ in range(rng.choices([1, 2, 4, 20], [35, 35, 27, 3])[0]))
    return coded(rng, ['[write|give me|show me] [some SQL|an SQL query|SQL|a query|an SQL statement]', 'SQL [example|please]'], text)


OPS = [('add', '+', 'sum'), ('subtract', '-', 'difference'), ('multiply', '*', 'product')]


def java_text(rng):
    noun, other = rng.sample(WORDS['thing'], 2)
    Noun, Other = noun.capitalize(), other.capitalize()
    op, sign, _ = rng.choice(OPS)
    n = rng.randint(2, 100)
    text = rng.choice([
        lambda: f'public record {Noun}(String name, int {other}) {{\n\n\tpublic {Noun} {{\n\t\tif ({other} < 0) {{\n\t\t\tthrow new IllegalArgumentException("{other} is " + {other});\n\t\t}}\n\t}}\n}}',
        lambda: f'public final class {Noun} {{\n\n\tprivate final List<{Other}> {other}s = new ArrayList<>();\n\n\tpublic void add({Other} {other}) {{\n\t\t{other}s.add({other});\n\t}}\n\n\tpublic int size() {{\n\t\treturn {other}s.size();\n\t}}\n}}',
        lambda: f'static int {op}(int a, int b) {{\n\treturn a {sign} b;\n}}',
        lambda: f'public class Main {{\n\n\tpublic static void main(String[] args) {{\n\t\tfor (int i = 0; i < {n}; i++) {{\n\t\t\tSystem.out.println("{noun} " + i);\n\t\t}}\n\t}}\n}}',
        lambda: f'interface {Noun} {{\n\n\tString name();\n\n\tdefault boolean is{Other}() {{\n\t\treturn name().equals("{other}");\n\t}}\n}}',
        lambda: f'@Test\nvoid the{Noun}Has{n}{Other}s() {{\n\tvar {noun} = new {Noun}({n});\n\tassertEquals({n}, {noun}.{other}s());\n}}',
        lambda: f'Map<String, Integer> {noun}s = new HashMap<>();\n{noun}s.put("{other}", {n});\nfor (var entry : {noun}s.entrySet()) {{\n\tSystem.out.println(entry.getKey() + "=" + entry.getValue());\n}}',
    ])()
    return coded(rng, ['[write|give me|show me] [some Java|a Java class|a Java method|Java code|a Java program]', 'Java [example|code please]'], text)


def python_text(rng):
    noun, other = rng.sample(WORDS['thing'], 2)
    op, sign, word = rng.choice(OPS)
    n = rng.randint(2, 100)
    text = rng.choice([
        lambda: f'def {op}(a, b):\n    """Returns the {word} of a and b."""\n    return a {sign} b\n\n\nprint({op}({n}, {rng.randint(1, 9)}))',
        lambda: f'class {noun.capitalize()}:\n    def __init__(self, name, {other}):\n        self.name = name\n        self.{other} = {other}\n\n    def __repr__(self):\n        return f"{noun.capitalize()}({{self.name}}, {{self.{other}}})"',
        lambda: f'for i in range({n}):\n    if i % {rng.randint(2, 9)} == 0:\n        print("{noun}", i)',
        lambda: f'{noun}s = [{", ".join(str(rng.randint(0, 99)) for _ in range(rng.randint(3, 7)))}]\n{noun}s.sort()\nprint({noun}s[0], {noun}s[-1])\nprint(sum({noun}s) / len({noun}s))',
        lambda: f'import json\n\nwith open("{noun}.json") as file:\n    {other}s = json.load(file)\nfor {other} in {other}s:\n    print({other}["name"])',
        lambda: f'def find_{noun}({other}s, name):\n    for {other} in {other}s:\n        if {other}.name == name:\n            return {other}\n    raise KeyError(name)',
        lambda: f'{noun} = {{"{other}": {n}, "name": "{rng.choice(WORDS["name"])}"}}\nif "{other}" in {noun}:\n    {noun}["{other}"] += 1\nprint({noun})',
    ])()
    return coded(rng, ['[write|give me|show me] [some Python|a Python function|Python code|a Python program|a Python class]', 'Python [example|code please]'], text)


def logs(rng):
    second, port = rng.randint(0, 80000), rng.randint(40000, 60000)
    date = f'2025-{rng.randint(1, 12):02}-{rng.randint(1, 28):02}'
    lines = []
    for _ in range(rng.choices([3, 6, 10, 40], [30, 40, 27, 3])[0]):
        second += rng.choice([0, 1, 1, 2, 5, 30])
        clock = f'{second // 3600:02}:{second // 60 % 60:02}:{second % 60:02}'
        where, what, level = rng.choice([
            ('http', f'GET /v1/models 200 {rng.randint(1, 9)} ms', 'INFO'), ('http', f'POST /v1/chat/completions 200 {rng.randint(20, 900)} ms', 'INFO'),
            ('runtime', f'loaded {rng.choice(WORDS["model"])} in {rng.randint(100, 4000)} ms', 'INFO'), ('runtime', f'batch of {rng.randint(1, 16)} sequences, {rng.randint(5, 90)} tokens/s', 'DEBUG'),
            ('mesh', f'member {rng.choice(WORDS["name"]).lower()} joined from 10.0.0.{rng.randint(2, 250)}:{port}', 'INFO'), ('mesh', f'member {rng.choice(WORDS["name"]).lower()} is slow: {rng.randint(200, 999)} ms', 'WARN'),
            ('engine', f'cpu engine ready with {rng.choice([2, 4, 8, 16])} threads', 'INFO'), ('engine', 'out of memory: model refused', 'ERROR'),
            ('relay', f'connection {rng.randint(100, 999)} closed', 'DEBUG'), ('gguf', f'file is truncated at byte {rng.randint(1000, 99999)}', 'ERROR')])
        lines.append(f'{date} {clock} {level:5} [{where}] {what}')
    return '\n'.join(lines)


def xml(rng):
    def node(depth):
        tag = rng.choice(WORDS['thing'])
        attribute = f' id="{rng.randint(1, 99)}"' if rng.random() < 0.5 else ''
        pad = '  ' * depth
        if depth >= 3 or rng.random() < 0.35:
            return f'{pad}<{tag}{attribute}>{rng.choice(WORDS[rng.choice(["name", "city", "quality"])])}</{tag}>'
        return f'{pad}<{tag}{attribute}>\n' + '\n'.join(node(depth + 1) for _ in range(rng.randint(1, 3))) + f'\n{pad}</{tag}>'
    root = rng.choice(['catalog', 'project', 'note', 'config', 'library'])
    body = '\n'.join(node(1) for _ in range(rng.choices([1, 3, 5, 10], [35, 40, 22, 3])[0]))
    head = '<?xml version="1.0" encoding="UTF-8"?>\n' if rng.random() < 0.6 else ''
    return coded(rng, ['[write|give me|show me] [some XML|an XML document|XML]', 'XML [example|please]'], f'{head}<{root}>\n{body}\n</{root}>', 0.15)


MAKERS = {'chat': chat, 'stories': story, 'arithmetic': arithmetic, 'json': json_text, 'sql': sql, 'java': java_text, 'python': python_text, 'logs': logs, 'xml': xml}


def documents(n, seed):
    """n different documents as (domain, text), in random order."""
    rng = random.Random(seed)
    seen, made = set(), []
    domains, shares = list(SHARES), list(SHARES.values())
    while len(made) < n:
        domain = rng.choices(domains, shares)[0]
        text = MAKERS[domain](rng)
        if text in seen:    # or it could be trained on and held out at once
            continue
        seen.add(text)
        made.append((domain, text))
    return made


if __name__ == '__main__':
    for domain, text in documents(30, 1):
        print(f'--- {domain}\n{text}')
