package meshwork.chat;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

import meshwork.api.chat.ChatRejected;
import meshwork.api.chat.ChatTemplate;
import meshwork.api.chat.Conversation;
import meshwork.api.chat.Conversation.Tool;
import meshwork.api.chat.Message;
import meshwork.api.chat.Message.Part;
import meshwork.api.chat.Message.ToolCall;
import meshwork.api.chat.ReplyFormat;
import meshwork.api.chat.ReplyPart;
import meshwork.api.chat.ReplyReader;
import meshwork.api.chat.ReplyRules;
import meshwork.api.chat.ToolChoice;
import meshwork.chat.schema.GbnfAccess;

/** The oracle: what a template shows of a message is read as that message again. */
class ReplyTest {

	/** Templates in the shapes that models carry: what stands around thoughts, content, calls and parameters. */
	enum Shape {
		TAGGED_JSON("{{ '<think>\\n' + m.reasoning_content + '\\n</think>\\n\\n' if m.reasoning_content }}{{ m.content }}", "<|im_end|>\n",
				"{% for c in m.tool_calls or [] %}{{ '\\n<tool_call>\\n{\"name\": \"' + c.function.name + '\", \"arguments\": ' + (c.function.arguments | tojson)"
						+ " + '}\\n</tool_call>' }}{% endfor %}"),
		LIST("{{ m.content }}", "</s>",
				"{% if m.tool_calls %}{{ '[TOOL_CALLS][' }}{% for c in m.tool_calls %}{{ '{\"name\": \"' + c.function.name + '\", \"arguments\": ' +"
						+ " (c.function.arguments | tojson) + ', \"id\": \"' + c.id + '\"}' }}{{ ', ' if not loop.last }}{% endfor %}{{ ']' }}{% endif %}"),
		NAMED("{{ m.content }}", "<|im_end|>",
				"{% if m.tool_calls %}{{ '<|calls_begin|>' }}{% for c in m.tool_calls %}{{ '<|call_begin|>functions.' + c.function.name + ':' +"
						+ " (loop.index0 | string) + '<|args|>' + (c.function.arguments | tojson) + '<|call_end|>' }}{% endfor %}{{ '<|calls_end|>' }}{% endif %}"),
		PARAMETERS("{{ '<think>\\n' + m.reasoning_content + '\\n</think>\\n\\n' if m.reasoning_content }}{{ m.content }}", "<|im_end|>\n",
				"{% for c in m.tool_calls or [] %}{{ '\\n<tool_call>\\n<function=' + c.function.name + '>\\n' }}{% for k, v in c.function.arguments | items %}"
						+ "{{ '<parameter=' + k + '>\\n' + (v if v is string else v | tojson) + '\\n</parameter>\\n' }}{% endfor %}"
						+ "{{ '</function>\\n</tool_call>' }}{% endfor %}"),
		KEYS("{{ m.content }}", "<|user|>",
				"{% for c in m.tool_calls or [] %}{{ '<tool_call>' + c.function.name }}{% for k, v in c.function.arguments | items %}"
						+ "{{ '<arg_key>' + k + '</arg_key><arg_value>' + (v if v is string else v | tojson) + '</arg_value>' }}{% endfor %}"
						+ "{{ '</tool_call>' }}{% endfor %}"),
		ONE_BY_ONE("{{ m.content }}", "</s>",
				"{% for c in m.tool_calls or [] %}{{ '[TOOL_CALLS]' + c.function.name + '[ARGS]' + (c.function.arguments | tojson) }}{% endfor %}"),
		SECTION("{{ m.content }}", "<|im_end|>",
				"{% if m.tool_calls %}{{ '<｜calls｜>' }}{% for c in m.tool_calls %}{{ '<｜call｜>' + c.function.name + '<｜sep｜>' + (c.function.arguments | tojson)"
						+ " + '<｜end｜>' }}{% endfor %}{{ '<｜calls end｜>' }}{% endif %}"),
		LIST_WITHOUT_IDS("{{ m.content }}", "<|im_end|>",
				"{% if m.tool_calls %}{{ '<|tool_call|>[' }}{% for c in m.tool_calls %}{{ '{\"name\": \"' + c.function.name + '\", \"arguments\": ' +"
						+ " (c.function.arguments | tojson) + '}' }}{{ ', ' if not loop.last }}{% endfor %}{{ ']' }}{% endif %}"),
		INVOKED("{{ '<think>\\n' + m.reasoning_content + '\\n</think>\\n\\n' if m.reasoning_content }}{{ m.content }}", "<|im_end|>\n",
				"{% if m.tool_calls %}{{ '\\n<x:tool_call>\\n' }}{% for c in m.tool_calls %}{{ '<invoke name=\"' + c.function.name + '\">\\n' }}"
						+ "{% for k, v in c.function.arguments | items %}{{ '<parameter name=\"' + k + '\">' + (v if v is string else v | tojson) +"
						+ " '</parameter>\\n' }}{% endfor %}{{ '</invoke>\\n' }}{% endfor %}{{ '</x:tool_call>' }}{% endif %}"),
		TYPED("{{ m.content }}", "<|im_end|>",
				"{% if m.tool_calls %}{{ '\\n\\n<｜ML｜calls>\\n' }}{% for c in m.tool_calls %}{{ '<｜ML｜invoke name=\"' + c.function.name + '\">\\n' }}"
						+ "{% for k, v in c.function.arguments | items %}{{ '<｜ML｜parameter name=\"' + k + '\" string=\"' + ('true' if v is string else 'false') +"
						+ " '\">' + (v if v is string else v | tojson) + '</｜ML｜parameter>\\n' }}{% endfor %}{{ '</｜ML｜invoke>\\n' }}{% endfor %}"
						+ "{{ '</｜ML｜calls>' }}{% endif %}"),
		PYTHON("{{ m.content }}", "<|im_end|>",
				"{% if m.tool_calls %}{{ '<|tool_call_start|>[' }}{% for c in m.tool_calls %}{{ c.function.name + '(' }}{% for k, v in c.function.arguments | items %}"
						+ "{{ k + '=' + (v | tojson) }}{{ ', ' if not loop.last }}{% endfor %}{{ ')' }}{{ ', ' if not loop.last }}{% endfor %}"
						+ "{{ ']<|tool_call_end|>' }}{% endif %}"),
		VERBATIM("{{ m.content }}", "<|im_end|>",
				"{% for c in m.tool_calls or [] %}{{ '\\n<function name=\"' + c.function.name + '\">' }}{% for k, v in c.function.arguments | items %}"
						+ "{{ '<param name=\"' + k + '\">' + ('<![CDATA[' + v + ']]>' if v is string and ('<' in v or '\\n' in v) else v if v is string else"
						+ " v | tojson) + '</param>' }}{% endfor %}{{ '</function>' }}{% endfor %}"),
		ELEMENTS("{% macro value(v) %}{% if v is mapping %}{% for k, x in v | items %}{{ ']~[<' + k + '>' + value(x) + ']~[</' + k + '>' }}{% endfor %}"
				+ "{% elif v is string %}{{ v }}{% elif v is iterable %}{% for x in v %}{{ ']~[<item>' + value(x) + ']~[</item>' }}{% endfor %}"
				+ "{% else %}{{ v | tojson }}{% endif %}{% endmacro %}{{ m.content }}", "<|im_end|>",
				"{% if m.tool_calls %}{{ ']~[<calls>\\n' }}{% for c in m.tool_calls %}{{ ']~[<invoke name=\"' + c.function.name + '\">' + value(c.function.arguments) +"
						+ " ']~[</invoke>\\n' }}{% endfor %}{{ ']~[</calls>' }}{% endif %}"),
		BARE("{{ m.content }}", "<|eot_id|>",
				"{% if m.tool_calls %}{{ '{\"name\": \"' + m.tool_calls[0].function.name + '\", \"parameters\": ' +"
						+ " (m.tool_calls[0].function.arguments | tojson) + '}' }}{% endif %}");

		private final String source;

		Shape(String content, String end, String calls) {
			source = "{% for m in messages %}{{ '<|' + m.role + '|>' }}{% if m.role == 'assistant' %}" + content + calls + "{% else %}{{ m.content }}{% endif %}"
					+ "{{ " + "'" + end.replace("\n", "\\n") + "'" + " }}{% endfor %}{{ '<|assistant|>' if add_generation_prompt }}";
		}

		ChatTemplate compiled() {
			return new JinjaChatTemplates().compile(source, "", "");
		}

		boolean thinks() {
			return source.contains("<think>");
		}
	}

	private static final String ENDS = "(?s)(<\\|im_end\\|>\\s*|</s>|<\\|user\\|>|<\\|eot_id\\|>)$";
	private static final Tool WEATHER = new Tool("weather", "Tells it", schema("city", "string", "days", "integer"));
	private static final Tool DRAW = new Tool("draw_it", "Draws", schema("title", "string", "options", "object"));
	private static final List<String> ODD = List.of("", "Köln", "a \"b\" \\ c", "<b>bold</b>", "two\nlines", "{\"x\": 1}", "😀 </para", "3", "true", "'", "[/x]");

	private static Map<String, Object> schema(String... types) {
		var properties = new LinkedHashMap<String, Object>();
		for (int i = 0; i < types.length; i += 2)
			properties.put(types[i], Map.of("type", types[i + 1]));
		return Map.of("type", "object", "properties", properties, "required", List.of(types[0]));
	}

	private record Read(String text, String thought, List<String> calls) {

		static Read of(ReplyReader reader, Stream<String> pieces) {
			var parts = new ArrayList<ReplyPart>();
			pieces.forEach(piece -> parts.addAll(reader.read(piece)));
			parts.addAll(reader.end());
			var text = new StringBuilder();
			var thought = new StringBuilder();
			var calls = new ArrayList<String>();
			for (ReplyPart part : parts)
				switch (part) {
					case ReplyPart.Text(var more) -> text.append(more);
					case ReplyPart.Reasoning(var more) -> thought.append(more);
					case ReplyPart.Call(int call, var id, var name) -> {
						assertEquals(calls.size(), call);
						assertFalse(id.isEmpty());
						calls.add(name);
					}
					case ReplyPart.Arguments(int call, var json) -> calls.set(call, calls.get(call) + json);
				}
			return new Read(text.toString(), thought.toString(), calls);
		}
	}

	private static Conversation asked(List<Message> more) {
		var messages = new ArrayList<Message>();
		messages.add(new Message("user", "?"));
		messages.addAll(more);
		return new Conversation(messages, List.of(WEATHER, DRAW), Map.of());
	}

	private static ReplyFormat format(Shape shape, ReplyRules rules) {
		return format(shape, rules, List.of(WEATHER, DRAW));
	}

	private static ReplyFormat format(Shape shape, ReplyRules rules, List<Tool> tools) {
		ChatTemplate template = shape.compiled();
		var conversation = new Conversation(asked(List.of()).messages(), tools, Map.of());
		return template.reply(conversation, rules, template.render(conversation, true));
	}

	private static String said(Shape shape, Message message) {
		ChatTemplate template = shape.compiled();
		return template.render(asked(List.of(message)), false).substring(template.render(asked(List.of()), true).length());
	}

	private static Message message(String content, Optional<String> thought, ToolCall... calls) {
		return new Message("assistant", content.isEmpty() ? List.of() : List.of(new Part.Text(content)), Optional.empty(), List.of(calls),
				Optional.empty(), thought);
	}

	private static Map<String, Object> ordered(String key, Object value, String other, Object more) {
		var arguments = new LinkedHashMap<String, Object>();
		arguments.put(key, value);
		arguments.put(other, more);
		return arguments;
	}

	static Stream<Shape> shapes() {
		return Stream.of(Shape.values());
	}

	/** Those that tell a text from other values without a schema. */
	static Stream<Shape> telling() {
		return shapes().filter(shape -> shape != Shape.ELEMENTS);
	}

	@ParameterizedTest
	@MethodSource("telling")
	void whatATemplateShowsIsReadAgainHoweverItIsCut(Shape shape) {
		for (String odd : ODD) {
			var first = new ToolCall("call00001", "weather", ordered("city", odd, "days", 3));
			var second = new ToolCall("call00002", "draw_it", ordered("title", odd + odd, "options", Map.of("deep", List.of(odd, 1.5, true))));
			ToolCall[] calls = shape == Shape.BARE ? new ToolCall[] {first} : new ToolCall[] {first, second};
			Message message = message(shape == Shape.BARE ? "" : "Well", shape.thinks() ? Optional.of("Hm <b>") : Optional.empty(), calls);
			String said = said(shape, message);
			ReplyFormat format = format(shape, ReplyRules.FREE);
			Read whole = Read.of(format.reader(), Stream.of(said));
			assertEquals(message.text(), whole.text(), said);
			assertEquals(message.reasoning().orElse(""), whole.thought(), said);
			assertEquals(calls.length, whole.calls().size(), said);
			for (int i = 0; i < calls.length; i++)
				assertEquals(GbnfAccess.json(calls[i].arguments()), GbnfAccess.normal(whole.calls().get(i).substring(calls[i].name().length())), said);
			assertEquals(whole, Read.of(format.reader(), said.chars().mapToObj(c -> String.valueOf((char) c))), said);
			for (int cut = 0; cut < said.length(); cut += 7)
				assertEquals(whole, Read.of(format.reader(), Stream.of(said.substring(0, cut), said.substring(cut))), said);
		}
	}

	private static final Map<String, Object> DEEP = Map.of("type", "object", "properties", Map.of("b", Map.of("type", "boolean"), "list", Map.of("type",
			"array", "items", Map.of("type", "string"))));

	private static Object schema(String type) {
		return type.equals("object") ? DEEP : type.equals("array") ? Map.of("type", type, "items", Map.of("type", "number")) : Map.of("type", type);
	}

	private static Object value(Random random, String type) {
		return switch (type) {
			case "string" -> text(random);
			case "integer" -> random.nextInt(2_000_001) - 1_000_000;
			case "number" -> random.nextInt(100_000) / 64.0 - 500;
			case "boolean" -> random.nextBoolean();
			case "array" -> random.ints(1 + random.nextInt(3), 0, 100).mapToObj(i -> (Object) i).toList();
			default -> Map.of("b", random.nextBoolean(), "list", List.of(text(random), text(random)));
		};
	}

	/** Without white space around it, which models don't tell from that of the format. */
	private static String text(Random random) {
		List<String> bits = List.of("a", "Ü", "\"", "'", "<", ">", "</", "\\", "{", "}", "[", "]", "\n", " ", "😀", ",", ":", "3", "true", "=", "(", ")", "|", "&amp;");
		return random.ints(random.nextInt(10), 0, bits.size()).mapToObj(bits::get).collect(Collectors.joining()).strip();
	}

	@ParameterizedTest
	@MethodSource("shapes")
	void anyArgumentsOfAnyToolAreReadAgainAndHeld(Shape shape) {
		var random = new Random(3);
		ChatTemplate template = shape.compiled();
		List<String> types = List.of("string", "integer", "number", "boolean", "array", "object");
		for (int round = 0; round < 60; round++) {
			var properties = new LinkedHashMap<String, Object>();
			var arguments = new LinkedHashMap<String, Object>();
			for (int i = 0, count = 1 + random.nextInt(5); i < count; i++) {
				String type = types.get(random.nextInt(types.size()));
				String key = "p" + i + (random.nextBoolean() ? "_" + type : "");
				properties.put(key, schema(type));
				if (i == 0 || random.nextInt(4) > 0)
					arguments.put(key, value(random, type));
			}
			var tool = new Tool("tool-" + round, "?", Map.of("type", "object", "properties", properties, "required", List.of(properties.firstEntry().getKey())));
			var conversation = new Conversation(List.of(new Message("user", "?")), List.of(tool), Map.of());
			String prompt = template.render(conversation, true);
			String said = template.render(new Conversation(List.of(new Message("user", "?"), message("", Optional.empty(), new ToolCall("call00001", tool
					.name(), arguments))), List.of(tool), Map.of()), false).substring(prompt.length());
			Read read = Read.of(template.reply(conversation, ReplyRules.FREE, prompt).reader(), said.codePoints().mapToObj(Character::toString));
			assertEquals(1, read.calls().size(), said);
			assertEquals(GbnfAccess.json(arguments), GbnfAccess.normal(read.calls().getFirst().substring(tool.name().length())), said);
			String grammar = template.reply(conversation, new ReplyRules(ToolChoice.REQUIRED, true, Optional.empty(), false), prompt).constraint().orElseThrow()
					.grammar();
			assertTrue(GbnfAccess.allows(grammar, said.replaceFirst(ENDS, "").strip()), said + "\n" + grammar);
		}
	}

	@ParameterizedTest
	@MethodSource("shapes")
	void whateverIsCutOffIsReadAndArgumentsAreJson(Shape shape) {
		String said = said(shape, message("", Optional.empty(), new ToolCall("call00001", "weather", ordered("city", "Köln \"x\"", "days", 3))));
		for (int cut = 0; cut <= said.length(); cut++)
			for (String call : Read.of(format(shape, ReplyRules.FREE).reader(), Stream.of(said.substring(0, cut))).calls())
				if (call.contains("{"))
					GbnfAccess.normal(call.substring("weather".length()));
	}

	@ParameterizedTest
	@MethodSource("shapes")
	void nonsenseIsTextAndNoneOfItIsLost(Shape shape) {
		List<String> bits = List.of("<tool_call>", "\n", "{\"name\": ", "\"weather\"", "[TOOL_CALLS]", "<function=", "<parameter=", "</", "word ", "é", "[", "<|call_begin|>",
				"}", "\\", "\"");
		var random = new Random(7);
		for (int round = 0; round < 2_000; round++) {
			List<String> pieces = random.ints(random.nextInt(12), 0, bits.size()).mapToObj(bits::get).toList();
			Read read = Read.of(format(shape).reader(), pieces.stream());
			assertEquals(read, Read.of(format(shape).reader(), Stream.of(String.join("", pieces))), String.join("", pieces));
			if (read.calls().isEmpty())
				assertEquals(String.join("", pieces).replaceAll("\\s", ""), (read.thought() + read.text()).replaceAll("\\s", ""));
		}
	}

	private static final Map<Shape, ReplyFormat> FREE = new LinkedHashMap<>();

	private static ReplyFormat format(Shape shape) {
		return FREE.computeIfAbsent(shape, each -> format(each, ReplyRules.FREE));
	}

	@ParameterizedTest
	@MethodSource("shapes")
	void aGrammarAllowsWhatTheTemplateShowsAndNoOtherTool(Shape shape) {
		var must = new ReplyRules(ToolChoice.REQUIRED, true, Optional.empty(), false);
		String grammar = format(shape, must).constraint().orElseThrow().grammar();
		Message right = message("", Optional.empty(), new ToolCall("call00001", "weather", ordered("city", "Köln <b>", "days", 3)));
		assertTrue(GbnfAccess.allows(grammar, ended(shape, right)), grammar);
		assertFalse(GbnfAccess.allows(grammar, "Hello"));
		assertFalse(GbnfAccess.allows(grammar, ended(shape, message("", Optional.empty(), new ToolCall("call00001", "other", ordered("city", "x", "days", 3))))));
		assertFalse(GbnfAccess.allows(grammar, ended(shape, message("", Optional.empty(), new ToolCall("call00001", "weather", ordered("city", "x", "days",
				List.of()))))));
		String named = format(shape, new ReplyRules(ToolChoice.of("draw_it"), true, Optional.empty(), false)).constraint().orElseThrow().grammar();
		assertFalse(GbnfAccess.allows(named, ended(shape, right)));
	}

	private static String ended(Shape shape, Message message) {
		return said(shape, message).replaceFirst(ENDS, "").strip();
	}

	@ParameterizedTest
	@MethodSource("shapes")
	void theBeginningOfACallSetsItsGrammarOff(Shape shape) {
		ReplyFormat.Constraint lazy = format(shape).constraint().orElseThrow();
		String said = ended(shape, message("", Optional.empty(), new ToolCall("call00001", "weather", ordered("city", "x", "days", 3))));
		assertTrue(lazy.triggers().stream().anyMatch(trigger -> {
			var matcher = java.util.regex.Pattern.compile(trigger).matcher(said);
			return matcher.find() && GbnfAccess.allows(lazy.grammar(), said.substring(matcher.start(1)));
		}), lazy.toString());
		assertFalse(lazy.triggers().stream().anyMatch(trigger -> java.util.regex.Pattern.compile(trigger).matcher("Hello <b>").find()));
	}

	@Test
	void aThoughtThatThePromptBeganIsOneWithoutAnEndToo() {
		var template = new JinjaChatTemplates().compile(Shape.TAGGED_JSON.source.replace("'<|assistant|>' if", "'<|assistant|><think>\\n' if"), "", "");
		ReplyFormat format = template.reply(asked(List.of()), ReplyRules.FREE, template.render(asked(List.of()), true));
		assertEquals(new Read("", "so\nmany", List.of()), Read.of(format.reader(), Stream.of("so\nma", "ny")));
		assertEquals(new Read("4", "2 + 2", List.of()), Read.of(format.reader(), Stream.of("2 + 2\n</thi", "nk>\n\n4")));
	}

	@Test
	void bareCallsMayFollowEachOtherAndHaveTheirArgumentsInAString() {
		String one = "{\"name\": \"weather\", \"parameters\": {\"city\": \"a\"}}";
		String other = "{\"name\": \"weather\", \"parameters\": \"{\\\"city\\\": \\\"b\\\"}\"}";
		var wanted = new Read("", "", List.of("weather{\"city\": \"a\"}", "weather{\"city\": \"b\"}"));
		assertEquals(wanted, Read.of(format(Shape.BARE, ReplyRules.FREE).reader(), Stream.of(one, "\n", other)));
		assertEquals(wanted, Read.of(format(Shape.BARE, ReplyRules.FREE).reader(), (one + "\n" + other).chars().mapToObj(c -> String.valueOf((char) c))));
	}

	@Test
	void whatItSaysKeepsToAFormAfterItThought() {
		var rules = new ReplyRules(ToolChoice.AUTO, true, Optional.of("root ::= \"yes\" | no\nno ::= \"no\"\n"), false);
		String grammar = format(Shape.TAGGED_JSON, rules, List.of()).constraint().orElseThrow().grammar();
		assertTrue(GbnfAccess.allows(grammar, "yes"));
		assertTrue(GbnfAccess.allows(grammar, "<think>\nhm\n</think>\n\nno"));
		assertFalse(GbnfAccess.allows(grammar, "perhaps"));
	}

	@Test
	void aToolThatHasToBeCalledHasToBeThere() {
		assertThrows(ChatRejected.class, () -> format(Shape.KEYS, new ReplyRules(new ToolChoice(true, Set.of("nobody")), true, Optional.empty(), false)));
	}
}
