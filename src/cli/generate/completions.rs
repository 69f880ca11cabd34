//! Shell completions with the names in jot.toml: bash, zsh and fish call `jot generate names`.

use clap::{Arg, Command};
use clap_complete::Shell;

/// The script for a shell.
pub fn script(shell: Shell, mut cli: Command) -> String {
    let mut text = Vec::new();
    clap_complete::generate(shell, &mut cli, "jot", &mut text);
    let text = String::from_utf8_lossy(&text).into_owned();
    let commands = commands(&cli).join(" ");
    match shell {
        Shell::Bash => text + &BASH.replace("COMMANDS", &commands),
        Shell::Fish => text + &FISH.replace("COMMANDS", &commands),
        Shell::Zsh => zsh(&text),
        _ => text,
    }
}

/// The commands that take functions.
fn commands(cli: &Command) -> Vec<&str> {
    let takes = |arg: &Arg| ["function", "functions"].contains(&arg.get_id().as_str());
    let commands = cli.get_subcommands();
    let commands = commands.filter(|command| command.get_positionals().any(takes));
    commands.map(Command::get_name).collect()
}

/// Added to clap's script for bash; calls clap's function first, then replaces its placeholders.
const BASH: &str = r#"
_jot_with_names() {
    local cur="${COMP_WORDS[COMP_CWORD]}" prev="${COMP_WORDS[COMP_CWORD-1]}" word one kept=()
    _jot "$@"
    for one in "${COMPREPLY[@]}"; do
        [[ "$one" == [\[\<]* ]] || kept+=("$one")
    done
    COMPREPLY=("${kept[@]}")
    if [[ "$prev" == --target || "$prev" == --images-from ]]; then
        COMPREPLY=($(compgen -W "$(jot generate names targets 2>/dev/null)" -- "$cur"))
        return
    fi
    [[ "$cur" == -* || "$prev" == -* ]] && return
    for word in "${COMP_WORDS[@]:1:COMP_CWORD-1}"; do
        if [[ " COMMANDS " == *" $word "* ]]; then
            COMPREPLY=($(compgen -W "$(jot generate names functions 2>/dev/null)" -- "$cur"))
            return
        fi
    done
}
complete -F _jot_with_names -o bashdefault -o default jot
"#;

/// Added to clap's script for fish.
const FISH: &str = "
complete -c jot -n '__fish_seen_subcommand_from COMMANDS' -f -a '(jot generate names functions \
2>/dev/null)'
complete -c jot -l target -x -a '(jot generate names targets 2>/dev/null)'
complete -c jot -l images-from -x -a '(jot generate names targets 2>/dev/null)'
";

/// Added to clap's script for zsh, where it names its values.
const ZSH: &str = "\
_jot_functions() {
    compadd -- ${(f)\"$(jot generate names functions 2>/dev/null)\"}
}
_jot_targets() {
    compadd -- ${(f)\"$(jot generate names targets 2>/dev/null)\"}
}

";

fn zsh(script: &str) -> String {
    let line = |line: &str| {
        let text = line.trim_start();
        let is = |starts: &[&str]| starts.iter().any(|start| text.starts_with(start));
        let words = ["'*::functions --", "'::function --", "':function --"];
        let names = match () {
            () if is(&words) => "_jot_functions",
            () if is(&["'--target=[", "'--images-from=["]) => "_jot_targets",
            () if is(&["if [ \"$funcstack[1]\""]) => return format!("{ZSH}{line}\n"),
            () => return format!("{line}\n"),
        };
        format!("{}\n", line.replace(":_default'", &format!(":{names}'")))
    };
    script.lines().map(line).collect()
}
