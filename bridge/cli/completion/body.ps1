Register-ArgumentCompleter -Native -CommandName 'photo-bridge' -ScriptBlock {
    param($wordToComplete, $commandAst, $cursorPosition)
    $outline = $global:__photoBridgeOutline
    $before = @($commandAst.CommandElements | Where-Object { $_.Extent.EndOffset -lt $cursorPosition -or
        ($_.Extent.EndOffset -eq $cursorPosition -and $wordToComplete -eq '') } | ForEach-Object {
        if ($_ -is [System.Management.Automation.Language.StringConstantExpressionAst]) { $_.Value } else { $_.Extent.Text }
    })
    $path = ''
    $place = 0
    $option = $null
    $onlyWords = $false
    foreach ($word in ($before | Select-Object -Skip 1)) {
        if ($option) { $option = $null; continue }
        $node = $outline[$path]
        if (-not $onlyWords -and $word -ceq '--') { $onlyWords = $true }
        elseif (-not $onlyWords -and $word -clike '-*=*') { }
        elseif (-not $onlyWords -and $word -clike '-*') { if ($node.values.Contains($word)) { $option = $word } }
        elseif ($place -eq 0 -and $node.commands.Contains($word)) { $path = "$path $word".Trim() }
        else { $place += 1 }
    }
    $node = $outline[$path]
    $want = $wordToComplete.Trim('"', "'")
    $found = [System.Collections.Generic.List[string]]::new()
    $kind = $null
    $prefix = ''
    if ($option) { $kind = $node.values[$option] }
    elseif (-not $onlyWords -and $want -clike '-*=*') {
        $name, $want = $want -split '=', 2
        $prefix = "$name="
        $kind = $node.values[$name]
    }
    elseif (-not $onlyWords -and $want -clike '-*') { foreach ($key in $node.options.Keys) { $found.Add("$key`t$($node.options[$key])") } }
    else {
        if ($place -eq 0) { foreach ($key in $node.commands.Keys) { $found.Add("$key`t$($node.commands[$key])") } }
        $kind = $node.arguments | Where-Object { $_.place -eq $place -or ($_.variadic -and $_.place -le $place) } |
            Select-Object -First 1 -ExpandProperty kind
    }
    if ($kind -clike 'choice *') { foreach ($word in ($kind -split ' ' | Select-Object -Skip 1)) { $found.Add($word) } }
    elseif ($kind -clike 'live *') {
        $names = & $before[0] complete ($kind -replace '^live ', '') @($before | Select-Object -Skip 1) 2>$null
        foreach ($name in $names) { $found.Add($name) }
    }
    foreach ($line in $found) {
        $word, $about = $line -split "`t", 2
        if (-not $word.StartsWith($want, [System.StringComparison]::Ordinal)) { continue }
        if (-not $about) { $about = $word }
        $text = "$prefix$word"
        if ($text -match "[\s'""``$&|;(){}<>@#,]") { $text = "'" + ($text -replace "'", "''") + "'" }
        [System.Management.Automation.CompletionResult]::new($text, $word, 'ParameterValue', $about)
    }
}
