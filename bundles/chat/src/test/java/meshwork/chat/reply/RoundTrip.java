package meshwork.chat.reply;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

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
import meshwork.chat.JinjaChatTemplates;
import meshwork.chat.schema.GbnfAccess;

/** Takes a folder of templates: what each shows of a message has to be read as that message again, and its grammars have to allow it. */
public final class RoundTrip {

	/** Templates that can't show something, by what their names begin with. */
	private enum Short {
		KIMI_INSTRUCT("Kimi-K2-Instruct", "call", "changes a list, which the sandbox forbids"),
		KIMI_THINKING("Kimi-K2-Thinking", "call", "changes a list, which the sandbox forbids"),
		LFM2("LFM2-8B", "call", "calls are left out of what was said"),
		LFM2_INSTRUCT("LFM2.5-Instruct", "call", "calls are left out of what was said"),
		FIREFUNCTION("fireworks-ai-llama-3-firefunction", "call", "wants variables of its own, which no client sends"),
		GRANITE3("ibm-granite-granite-3.3", "call", "calls are left out of what was said"),
		DEEPSEEK("llama-cpp-deepseek-r1", "call", "writes a generator as JSON, which fails"),
		HARMONY("openai-gpt-oss", "text and call", "text beside a call is shown as a thought"),
		DISTILLED("deepseek-ai-DeepSeek-R1-Distill-Llama", "the end of one call", "the list is closed only after several"),
		LFM2_NEW("LFM2.5-8B", "quotes", "a string is put between quotes as it is"),
		SEED("ByteDance-Seed-OSS", "JSON", "objects are written as Python prints them, and asked for in JSON"),
		NEMOTRON("NVIDIA-Nemotron-Nano-v2", "text", "text is shown after the beginning of a thought"),
		NEMOTRON_CALL("NVIDIA-Nemotron-Nano-v2", "text and call", "text is shown after the beginning of a thought"),
		MINICPM("openbmb-MiniCPM5", "JSON", "objects are written as Python prints them, and asked for in JSON");

		private final String name;
		private final String what;
		private final String why;

		Short(String name, String what, String why) {
			this.name = name;
			this.what = what;
			this.why = why;
		}
	}

	private static final String TEXT = "¡Hello <you> there";
	private static final String THOUGHT = "¡Hm, <b> so";
	private static final String ODD = "Köln \"x\" <b> 'y' \\ z";
	private static final Tool FIRST = tool("first_tool", members("city", typed("string"), "count", typed("integer")), "city");
	private static final Tool SECOND = tool("second", members("x", typed("object"), "y", typed("boolean")), "x");
	private static final ToolCall OTHER = new ToolCall("abcdefgh2", "second", members("x", members("y", List.of(1, true, "a'b")), "y", false));
	private static final ToolCall SIMPLE = new ToolCall("abcdefgh2", "second", members("x", members("y", List.of(1, 2)), "y", false));
	private static final ToolCall WRONG = new ToolCall("abcdefgh1", "first_tool", members("city", "x", "count", List.of("¡no")));
	/** What some templates show after calls, where the turn ends. */
	private static final Pattern END = Pattern.compile("(<\\|(eom_id|eot_id|calls|call|tool_response>?|im_end|eot|eom)\\|?>|<｜hy_eos:opensource｜>|<EOS>|<SPECIAL_12>|<｜end▁of▁sentence｜>.*)\\s*$");
	private static final Pattern THOUGHT_END = Pattern.compile("\\s*(</|<\\|close\\|>think)");

	private final String name;
	private final ChatTemplate template;
	private final List<String> faults = new ArrayList<>();
	private final List<String> shown = new ArrayList<>();
	private final Set<Short> met = EnumSet.noneOf(Short.class);

	private RoundTrip(String name, String source) {
		this.name = name;
		template = new JinjaChatTemplates().compile(source, "<BOS>", "<EOS>");
	}

	public static void main(String[] folder) throws IOException {
		List<Path> files;
		try (Stream<Path> all = Files.list(Path.of(folder[0]))) {
			files = all.filter(file -> file.toString().endsWith(".jinja")).filter(file -> folder.length == 1 || file.toString().contains(folder[1])).sorted()
					.toList();
		}
		int right = 0;
		int calls = 0;
		for (Path file : files) {
			var trip = new RoundTrip(file.getFileName().toString(), Files.readString(file));
			trip.run();
			right += trip.faults.isEmpty() ? 1 : 0;
			calls += trip.faults.isEmpty() && trip.shown.contains("call") ? 1 : 0;
			IO.println((trip.faults.isEmpty() ? "right " : "WRONG ") + trip.name + ": " + String.join(", ", trip.shown));
			trip.faults.forEach(fault -> IO.println("\t" + fault));
		}
		IO.println("%d of %d right, %d of them with calls".formatted(right, files.size(), calls));
		System.exit(right == files.size() ? 0 : 1);
	}

	private void run() {
		boolean tame = rendered(message("", "", one(ODD)), true).filter(reply -> reply.text.contains("'" + ODD + "'")).isPresent() && excused("quotes");
		ToolCall one = one(tame ? "Köln <b>" : ODD);
		trip("text", message(TEXT, ""), false);
		trip("thought", message(TEXT, THOUGHT), false);
		trip("call", message("", "", one), true);
		trip("calls", message("", "", one, tame ? SIMPLE : OTHER), true);
		trip("text and call", message(TEXT, "", one), true);
		trip("thought and call", message("", THOUGHT, tame ? SIMPLE : OTHER), true);
		if (!shown.contains("call") && !excused("call"))
			faults.add("shows no call");
		for (Short each : Short.values())
			if (name.startsWith(each.name) && !met.contains(each))
				faults.add("shows what it could not (%s: %s)".formatted(each.what, each.why));
	}

	/** Whether the template can't show it, which has to be so indeed. */
	private boolean excused(String what) {
		List<Short> all = Stream.of(Short.values()).filter(each -> name.startsWith(each.name) && each.what.equals(what)).toList();
		met.addAll(all);
		return !all.isEmpty();
	}

	private void trip(String what, Message message, boolean tools) {
		Optional<Reply> rendered = rendered(message, tools);
		if (rendered.isEmpty())
			return;
		Reply reply = rendered.get();
		String said = reply.text;
		Message visible = new Message("assistant", said.contains(TEXT) ? message.content() : List.of(), Optional.empty(),
				message.toolCalls().stream().filter(call -> said.contains(call.name())).toList(), Optional.empty(),
				message.reasoning().filter(said::contains));
		if (!visible.toolCalls().equals(message.toolCalls()) || what.startsWith("thought") && visible.reasoning().isEmpty()
				|| what.startsWith("text") && visible.content().isEmpty())
			return;
		shown.add(what);
		ReplyFormat format = template.reply(reply.conversation, ReplyRules.FREE, reply.prompt);
		String wanted = words(visible);
		String whole = read(format.reader(), Stream.of(said));
		String pieces = read(format.reader(), said.chars().mapToObj(c -> String.valueOf((char) c)));
		if (!whole.equals(wanted) && !excused(what))
			faults.add(what + " is read otherwise: " + whole + "\n\t\twanted: " + wanted + "\n\t\tshown:  " + flat(said) + "\n\t\tafter:  " + flat(reply.prompt.substring(Math.max(0, reply.prompt.length() - 60))));
		if (!whole.equals(pieces))
			faults.add(what + " is read otherwise in pieces: " + pieces + "\n\t\twhole: " + whole);
		if (message.toolCalls().isEmpty() || said.indexOf(TEXT) > said.indexOf("_tool"))
			return;
		if (!setOff(format.constraint().orElseThrow(), said) && !unheld(what))
			faults.add(what + " doesn't set its grammar off: " + flat(said) + "\n\t\t" + format.constraint().get().triggers());
		if (!visible.content().isEmpty())
			return;
		var must = new ReplyRules(ToolChoice.REQUIRED, true, Optional.empty(), false);
		String grammar = template.reply(reply.conversation, must, reply.prompt).constraint().orElseThrow().grammar();
		if (!GbnfAccess.allows(grammar, said.strip()) && !unheld(what))
			faults.add(what + " is not allowed: " + flat(said));
		if (GbnfAccess.allows(grammar, said.strip().replace("first_tool", "no_tool").replace("second", "no_tool")))
			faults.add(what + ": another tool is allowed");
		if (what.equals("call"))
			rendered(message("", "", WRONG), true).filter(wrong -> GbnfAccess.allows(grammar, wrong.text.strip())).ifPresent(wrong -> faults.add(
					"wrong arguments are allowed: " + flat(wrong.text)));
	}

	/** Whether a grammar need not allow what is shown. */
	private boolean unheld(String what) {
		boolean objects = !what.equals("call") && !what.equals("text and call") && excused("JSON");
		return objects || what.equals("call") && excused("the end of one call")
				|| what.equals("text and call") && excused(what);
	}

	private static boolean setOff(ReplyFormat.Constraint constraint, String said) {
		for (String trigger : constraint.triggers()) {
			Matcher matcher = Pattern.compile(trigger).matcher(said.stripTrailing());
			if (matcher.find() && GbnfAccess.allows(constraint.grammar(), matcher.group(1)))
				return true;
		}
		return false;
	}

	private record Reply(Conversation conversation, String prompt, String text) {
	}

	/** What the template shows of the message, without what ends the turn. */
	private Optional<Reply> rendered(Message message, boolean tools) {
		List<Tool> all = tools ? List.of(FIRST, SECOND) : List.of();
		var question = new Message("user", "Question?");
		var conversation = new Conversation(List.of(question), all, Map.of());
		try {
			String open = template.render(conversation, true);
			String whole = template.render(new Conversation(List.of(question, message), all, Map.of()), false);
			String plain = template.render(new Conversation(List.of(question, message(TEXT, "")), all, Map.of()), false);
			int cut = 0;
			while (cut < Math.min(open.length(), whole.length()) && open.charAt(cut) == whole.charAt(cut))
				cut++;
			int tag = whole.lastIndexOf('<', cut - 1);
			if (tag >= 0 && tag > whole.lastIndexOf('>', cut - 1) && cut - tag < 40)
				cut = tag;
			String end = plain.substring(plain.lastIndexOf(TEXT) + TEXT.length());
			String text = whole.substring(cut);
			int begun = Math.min(open.length(), text.length());
			while (begun > 1 && !open.endsWith(text.substring(0, begun)))
				begun--;
			// the prompt begins a thought, or what is said, in a way that is not shown later
			boolean differs = begun > 1 || THOUGHT_END.matcher(text).lookingAt() || text.startsWith(THOUGHT) && open.indexOf('<', cut) < 0;
			String prompt = differs ? open : whole.substring(0, cut);
			text = begun > 1 ? text.substring(begun) : text;
			return Optional.of(new Reply(conversation, prompt, END.matcher(text.substring(0, text.length() - common(end, text))).replaceFirst("")));
		} catch (ChatRejected refused) {
			if (!shown.contains("refused: " + refused.getMessage()))
				shown.add("refused: " + refused.getMessage());
			return Optional.empty();
		}
	}

	/** How long what both end with is, from the beginning of a tag on. */
	private static int common(String one, String other) {
		int length = 0;
		while (length < Math.min(one.length(), other.length()) && one.charAt(one.length() - 1 - length) == other.charAt(other.length() - 1 - length))
			length++;
		String end = one.substring(one.length() - length);
		int close = end.indexOf('>');
		int open = end.indexOf('<');
		int cut = length < one.length() && close >= 0 && (open < 0 || close < open) ? close + 1 : 0;
		return length - cut - (end.startsWith("<|sep|>", cut) ? "<|sep|>".length() : 0);
	}

	private static String read(ReplyReader reader, Stream<String> pieces) {
		var parts = new ArrayList<ReplyPart>();
		pieces.forEach(piece -> parts.addAll(reader.read(piece)));
		parts.addAll(reader.end());
		var text = new StringBuilder();
		var thought = new StringBuilder();
		var names = new ArrayList<String>();
		var arguments = new ArrayList<StringBuilder>();
		for (ReplyPart part : parts)
			switch (part) {
				case ReplyPart.Text(var more) -> text.append(more);
				case ReplyPart.Reasoning(var more) -> thought.append(more);
				case ReplyPart.Call call -> {
					names.add(call.name());
					arguments.add(new StringBuilder());
				}
				case ReplyPart.Arguments(int call, var json) -> arguments.get(call).append(json);
			}
		var words = new StringBuilder("text «" + text + "», thought «" + thought + "»");
		for (int i = 0; i < names.size(); i++)
			words.append(", ").append(names.get(i)).append(' ').append(json(arguments.get(i).toString()));
		return words.toString();
	}

	private static String words(Message message) {
		var words = new StringBuilder("text «" + message.text() + "», thought «" + message.reasoning().orElse("") + "»");
		message.toolCalls().forEach(call -> words.append(", ").append(call.name()).append(' ').append(GbnfAccess.json(call.arguments())));
		return words.toString();
	}

	private static String json(String arguments) {
		try {
			return GbnfAccess.normal(arguments).toString();
		} catch (AssertionError none) {
			return "no JSON: " + arguments;
		}
	}

	private static String flat(String text) {
		return text.replace("\n", "\\n");
	}

	private static ToolCall one(String city) {
		return new ToolCall("abcdefgh1", "first_tool", members("city", city, "count", 3));
	}

	private static Message message(String text, String thought, ToolCall... calls) {
		return new Message("assistant", text.isEmpty() ? List.of() : List.of(new Part.Text(text)), Optional.empty(), List.of(calls), Optional.empty(),
				Optional.of(thought).filter(it -> !it.isEmpty()));
	}

	private static Tool tool(String name, Map<String, Object> properties, String required) {
		return new Tool(name, "?", Map.of("type", "object", "properties", properties, "required", List.of(required)));
	}

	private static Map<String, Object> typed(String type) {
		return Map.of("type", type, "description", "?", "additionalProperties", Map.of());
	}

	private static Map<String, Object> members(Object... keysAndValues) {
		var members = new LinkedHashMap<String, Object>();
		for (int i = 0; i < keysAndValues.length; i += 2)
			members.put((String) keysAndValues[i], keysAndValues[i + 1]);
		return members;
	}
}
