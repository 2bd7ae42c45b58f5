package meshwork.shell;

import java.io.IOException;
import java.util.Arrays;
import java.util.Collections;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

import org.apache.felix.service.command.Descriptor;
import org.apache.felix.service.command.annotations.GogoCommand;
import org.osgi.framework.BundleContext;
import org.osgi.framework.InvalidSyntaxException;
import org.osgi.service.cm.Configuration;
import org.osgi.service.cm.ConfigurationAdmin;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.runtime.ServiceComponentRuntime;
import org.osgi.service.component.runtime.dto.ComponentDescriptionDTO;

/** {@code mesh:config}. */
@Component(service = ConfigCommand.class)
@GogoCommand(scope = "mesh", function = "config")
public final class ConfigCommand {

	private static final String OURS = "meshwork.";
	private static final Pattern SECRET = Pattern.compile("(keys?|secret|token|password)$", Pattern.CASE_INSENSITIVE);

	private final Services services;

	@Activate
	public ConfigCommand(BundleContext context) {
		services = new Services(context);
	}

	@Descriptor("shows the configuration in force: what was configured, and the defaults of the rest")
	public void config() {
		// a default of a component reaches nobody but itself, so that only the component runtime knows it
		Map<String, Map<String, String>> all = new TreeMap<>();
		services.with(ServiceComponentRuntime.class, ServiceComponentRuntime::getComponentDescriptionDTOs).forEach(component -> defaults(component, all));
		for (Configuration configuration : services.with(ConfigurationAdmin.class, ConfigCommand::ours)) {
			Map<String, String> values = all.computeIfAbsent(configuration.getPid(), _ -> new TreeMap<>());
			var properties = configuration.getProperties();
			Collections.list(properties.keys()).stream().filter(ConfigCommand::isKey).forEach(key -> values.put(key, shown(key, properties.get(key))));
		}
		all.forEach((pid, values) -> {
			System.out.println(pid);
			int width = values.keySet().stream().mapToInt(String::length).max().orElse(0);
			values.forEach((key, value) -> System.out.println("  " + key + " ".repeat(width - key.length()) + "  " + value));
		});
	}

	private static void defaults(ComponentDescriptionDTO component, Map<String, Map<String, String>> all) {
		for (String pid : component.configurationPid)
			if (pid.startsWith(OURS)) {
				var values = new TreeMap<String, String>();
				component.properties.forEach((key, value) -> {
					if (isKey(key))
						values.put(key, shown(key, value) + " (default)");
				});
				if (!values.isEmpty())
					all.put(pid, values);
			}
	}

	private static Configuration[] ours(ConfigurationAdmin admin) {
		try {
			Configuration[] found = admin.listConfigurations("(service.pid=" + OURS + "*)");
			return found == null ? new Configuration[0] : found;
		} catch (IOException | InvalidSyntaxException e) {
			throw new IllegalStateException(e);
		}
	}

	/** Names with a dot are the framework's, and properties of services. */
	private static boolean isKey(String name) {
		return name.indexOf('.') < 0;
	}

	/** A value as it may be seen: of a secret only how many there are. */
	static String shown(String key, Object value) {
		Object[] values = switch (value) {
			case Object[] several -> several;
			case Object one when one.toString().isEmpty() -> new Object[0];
			case Object one -> new Object[] { one };
		};
		if (values.length == 0)
			return "none";
		if (SECRET.matcher(key).find())
			return values.length == 1 ? "hidden" : "hidden, " + values.length;
		return Arrays.stream(values).map(Object::toString).collect(Collectors.joining(", "));
	}
}
